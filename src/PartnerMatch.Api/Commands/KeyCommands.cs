using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Keys;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Commands;

/// <summary>Makes keys without a key: whoever may write the database file may do so.</summary>
internal static partial class KeyCommands
{
    public static Command Create(IConfiguration configuration)
    {
        var name = new Option<string>("--name") { Required = true, Description = "Whose key it is, or what for." };
        var scopes = new Option<string[]>("--scopes") { Required = true, AllowMultipleArgumentsPerToken = true, Description = $"What its holder may do: {string.Join(", ", ScopeNames.ByName.Keys)}." };
        var owner = new Option<string?>("--owner") { Description = "The portal whose enterprises alone it may create and change." };
        var expires = new Option<string?>("--expires") { Description = "After how many days or hours it expires, 90d or 12h; never where absent." };
        scopes.Validators.Add(result =>
        {
            foreach (var unknown in result.Tokens.SelectMany(t => Split(t.Value)).Where(s => !ScopeNames.ByName.ContainsKey(s)))
            {
                result.AddError($"'{unknown}' is no scope. The scopes are {string.Join(", ", ScopeNames.ByName.Keys)}.");
            }
        });
        expires.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => ReadSpan(t.Value) is null))
            {
                result.AddError("--expires is a number of days or hours, 90d or 12h.");
            }
        });
        var create = new Command("create", "Makes a key and prints its secret, once.") { name, scopes, owner, expires };
        create.SetAction(async (parsed, cancellation) =>
        {
            var time = TimeProvider.System;
            var request = new KeyRequest
            {
                Name = parsed.GetRequiredValue(name),
                Scopes = [.. parsed.GetRequiredValue(scopes).SelectMany(Split).Select(s => ScopeNames.ByName[s])],
                Owner = parsed.GetValue(owner),
                ExpiresAt = parsed.GetValue(expires) is { } span ? time.GetUtcNow() + ReadSpan(span) : null,
            };
            if (new KeyRequestValidator(time).Validate(request) is { IsValid: false } invalid)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(invalid.ToString());
                return 1;
            }

            Caller.ActFor(new Caller("command"));
            using var database = SqliteDatabase.From(configuration);
            database.Migrate(Path.Combine(Preparation.DbFolder, "migrations"));
            var issued = await new KeyStore(database, time).CreateAsync(request.Name.Trim(), request.Scopes, request.Owner, request.ExpiresAt, cancellation);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"The key {issued.Prefix} of '{issued.Name}'. It is shown only now; send it as 'Authorization: Bearer ...'.");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(issued.Secret);
            return 0;
        });
        return new Command("keys", "API keys.") { create };
    }

    private static string[] Split(string list) => list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static TimeSpan? ReadSpan(string text) => Span().Match(text) is { Success: true } match
        ? int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) * (match.Groups["unit"].Value == "d" ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1))
        : null;

    [GeneratedRegex("^(?<count>[1-9][0-9]{0,4})(?<unit>[dh])$")]
    private static partial Regex Span();
}
