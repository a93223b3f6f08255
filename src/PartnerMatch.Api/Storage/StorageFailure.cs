using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Storage;

/// <summary>Failures that are the disk's or the database's and not the program's: they pass, and nothing of the transaction is stored.</summary>
internal static class StorageFailure
{
    // SQLite's result codes (https://www.sqlite.org/rescode.html), and the errno of a full disk and of one that takes no writes.
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NoSpaceLeft = 28;
    private const int ReadOnlyDisk = 30;

    /// <summary>What a failed write says of the database; null where it was the write's own.</summary>
    public static WriteRefusal? RefusalOf(Exception exception) =>
        IsFull(exception) ? WriteRefusal.Full : IsUnavailable(exception) ? WriteRefusal.Unavailable : null;

    public static bool IsFull(Exception exception) => exception is SqliteException { SqliteErrorCode: Full } or IOException { HResult: NoSpaceLeft };

    /// <summary>The database is locked, or it or its folder cannot be written to or read.</summary>
    public static bool IsUnavailable(Exception exception) => exception
        is SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or InputOutput or CannotOpen }
        or IOException { HResult: ReadOnlyDisk }
        or UnauthorizedAccessException;
}
