using PartnerMatch.Api.Access;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Enterprises;

/// <summary>What callers that are bound to an owner see of the enterprises of others: no drafts, and contacts only of people who agreed.</summary>
internal static class Ownership
{
    public static bool IsVisibleTo(this Enterprise enterprise, Caller caller) => caller.MayChange(enterprise.Owner) || enterprise.Status != ProfileStatus.Draft;

    public static Enterprise ShownTo(this Enterprise enterprise, Caller caller) => caller.MayChange(enterprise.Owner) || enterprise.Contacts.All(c => c.Shared == true)
        ? enterprise
        : enterprise with { Contacts = [.. enterprise.Contacts.Where(c => c.Shared == true)], HidesContacts = true };

    /// <summary>The request as the caller may make it: it is the caller's own; null where it names another owner.</summary>
    public static EnterpriseRequest? KeptBy(this EnterpriseRequest request, Caller caller) =>
        caller.Owner is null ? request : caller.MayChange(request.Owner ?? caller.Owner) ? request with { Owner = caller.Owner } : null;
}
