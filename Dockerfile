# Build with the SDK; run on plain Debian with the framework that belongs to it.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/PartnerMatch.Ranking/PartnerMatch.Ranking.csproj src/PartnerMatch.Ranking/packages.lock.json src/PartnerMatch.Ranking/
COPY src/PartnerMatch.Classification/PartnerMatch.Classification.csproj src/PartnerMatch.Classification/packages.lock.json src/PartnerMatch.Classification/
COPY src/PartnerMatch.Api/PartnerMatch.Api.csproj src/PartnerMatch.Api/packages.lock.json src/PartnerMatch.Api/
RUN dotnet restore src/PartnerMatch.Api/PartnerMatch.Api.csproj --locked-mode
COPY src/ src/
COPY db/ db/
COPY openapi/examples/ openapi/examples/
RUN dotnet publish src/PartnerMatch.Api/PartnerMatch.Api.csproj --no-restore --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS framework

FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl libicu72 libssl3 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home partnermatch \
    && install --directory --owner partnermatch --group partnermatch /data
COPY --from=framework /usr/share/dotnet /usr/share/dotnet
COPY --from=build /app /app
ENV DOTNET_ROOT=/usr/share/dotnet \
    PATH=$PATH:/usr/share/dotnet \
    ASPNETCORE_HTTP_PORTS=8080 \
    ConnectionStrings__PartnerMatch="Data Source=/data/partnermatch.db"
USER partnermatch
WORKDIR /app
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD curl --fail --silent http://localhost:8080/readyz > /dev/null || exit 1
ENTRYPOINT ["dotnet", "PartnerMatch.Api.dll"]
