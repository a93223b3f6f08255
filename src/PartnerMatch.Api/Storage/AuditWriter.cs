using System.Data;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Access;

namespace PartnerMatch.Api.Storage;

/// <summary>Every write runs through here: the triggers of the audit trail are told for whom.</summary>
internal static class AuditWriter
{
    public static async Task<T> RunAsync<T>(SqliteTransaction transaction, Func<IDbTransaction, Task<T>> write)
    {
        var caller = Caller.Current;
        if (caller == Caller.Service)
        {
            return await write(transaction);
        }

        Tell(transaction, caller);
        var result = await write(transaction);

        // What is written from elsewhere, by a migration or by hand, is not this caller's.
        Tell(transaction, null);
        return result;
    }

    private static void Tell(SqliteTransaction transaction, Caller? caller)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "update main.audit_context set actor = $actor, address = $address, user_agent = $userAgent, trace_id = $traceId";
        command.Parameters.AddWithValue("$actor", OrNull(caller?.Actor));
        command.Parameters.AddWithValue("$address", OrNull(caller?.Address));
        command.Parameters.AddWithValue("$userAgent", OrNull(caller?.UserAgent));
        command.Parameters.AddWithValue("$traceId", OrNull(caller?.TraceId));
        command.ExecuteNonQuery();
    }

    private static object OrNull(string? text) => text is null ? DBNull.Value : text;
}
