namespace PartnerMatch.Api.Storage;

/// <summary>Why the database took no write.</summary>
internal enum WriteRefusal
{
    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>The database is locked, or it or its folder cannot be written to or read.</summary>
    Unavailable,
}
