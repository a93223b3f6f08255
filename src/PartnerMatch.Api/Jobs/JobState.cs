namespace PartnerMatch.Api.Jobs;

/// <summary>Where a job stands.</summary>
internal enum JobState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Is being worked on.</summary>
    Running,

    /// <summary>Over; what came of it is there.</summary>
    Done,

    /// <summary>Over; failure says why.</summary>
    Failed,

    /// <summary>Stopped on request; nothing of it is kept.</summary>
    Cancelled,
}
