import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import createClient from "openapi-fetch";
import type { components, paths } from "../build/schema.d.ts";

type Enterprise = components["schemas"]["Enterprise"];
type EnterpriseRequest = components["schemas"]["EnterpriseRequest"];

// Where the service is, or a proxy before it that holds every answer against the document.
const baseUrl = process.env["PARTNERMATCH_URL"];
const key = process.env["PARTNERMATCH_KEY"];
assert.ok(baseUrl && key, "PARTNERMATCH_URL and PARTNERMATCH_KEY say where the service is and who asks");
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
client.use({
  onResponse({ response }) {
    assert.equal(response.headers.get("sl-violations"), null, "the proxy found a difference from the document");
  },
});

const plant = (name: string): EnterpriseRequest => ({
  name,
  country: "BY",
  region: "BY-HM",
  offers: [{ code: "28.41.22", strength: 0.9 }],
  needs: [{ text: "castings" }],
});

async function create(name: string): Promise<Enterprise> {
  const { data, response } = await client.POST("/v1/enterprises", { body: plant(name) });
  assert.equal(response.status, 201);
  assert.ok(data);
  return data;
}

async function remove(id: string): Promise<void> {
  const { response: read } = await client.GET("/v1/enterprises/{id}", { params: { path: { id } } });
  const version = read.headers.get("etag");
  assert.ok(version);
  const { response } = await client.DELETE("/v1/enterprises/{id}", { params: { path: { id }, header: { "If-Match": version } } });
  assert.equal(response.status, 204);
}

test("what is created can be read, and is gone once removed", async () => {
  const created = await create("Minsk Gear Works");
  const { data } = await client.GET("/v1/enterprises/{id}", { params: { path: { id: created.id } } });
  assert.equal(data?.name, "Minsk Gear Works");
  assert.equal(data?.offers?.[0]?.code, "28.41.22");
  await remove(created.id);
  const { response, error } = await client.GET("/v1/enterprises/{id}", { params: { path: { id: created.id } } });
  assert.equal(response.status, 404);
  assert.equal(error?.type, "urn:partnermatch:problem:not-found");
});

test("a sheet is imported, and importing it again changes nothing", async () => {
  const name = `Volga Castings ${randomUUID().slice(0, 8)}`;
  const send = async () =>
    client.POST("/v1/enterprises/import", {
      params: { query: { mode: "all" } },
      body: `name_en,country,region,makes\n${name},RU,RU-SAM,steel castings\n`,
      bodySerializer: (body) => body as string,
      headers: { "Content-Type": "text/csv" },
    });
  const first = await send();
  assert.equal(first.response.status, 200);
  assert.equal(first.data?.report?.created, 1);
  const again = await send();
  assert.equal(again.data?.report?.created, 0);
  assert.equal(again.data?.report?.unchanged, 1);
});

test("partners are ranked with reasons that add up to the score", async () => {
  const { data } = await client.GET("/v1/enterprises/{id}/matches", {
    params: { path: { id: "mzor" }, query: { limit: 3, lang: "ru" } },
  });
  assert.ok(data && typeof data !== "string", "the list as JSON, not as a table");
  assert.equal(data.items.length, 3);
  for (const match of data.items) {
    const points = match.contributions.reduce((sum, c) => sum + c.points, 0);
    assert.ok(Math.abs(points - match.score) < 1e-6, `${points} and ${match.score}`);
    assert.match(match.summary, /[а-яё]/u);
  }
});

test("a list is paged through without losing or repeating anything", async () => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.GET("/v1/enterprises", {
      params: { query: { limit: 50, region: "RU-SAM", ...(cursor ? { cursor } : {}) } },
    });
    assert.ok(data);
    ids.push(...data.items.map((e) => e.id));
    cursor = data.next ? (new URL(data.next, baseUrl).searchParams.get("cursor") ?? undefined) : undefined;
  } while (cursor);
  assert.ok(ids.length > 100);
  assert.equal(new Set(ids).size, ids.length);
});

test("a change of another version is refused", async () => {
  const body = { name: `Near ${randomUUID().slice(0, 8)}`, form: "supplier" as const, weights: { supply: 2, proximity: 1 } };
  const created = await client.POST("/v1/ranking-profiles", { body });
  assert.equal(created.response.status, 201);
  const version = created.response.headers.get("etag");
  assert.ok(version && created.data);
  const path = { profileId: created.data.id };
  const replaced = await client.PUT("/v1/ranking-profiles/{profileId}", {
    params: { path, header: { "If-Match": version } },
    body: { ...body, weights: { supply: 1 } },
  });
  assert.equal(replaced.response.status, 200);
  const late = await client.PUT("/v1/ranking-profiles/{profileId}", { params: { path, header: { "If-Match": version } }, body });
  assert.equal(late.response.status, 412);
  assert.ok(late.error);
  const current = replaced.response.headers.get("etag");
  assert.ok(current);
  const removed = await client.DELETE("/v1/ranking-profiles/{profileId}", { params: { path, header: { "If-Match": current } } });
  assert.equal(removed.response.status, 204);
});

test("of two who change the same version of an enterprise the second is told", async () => {
  const { id } = await create(`Borisov Tools ${randomUUID().slice(0, 8)}`);
  const path = { id };
  const read = await client.GET("/v1/enterprises/{id}", { params: { path } });
  const version = read.response.headers.get("etag");
  assert.ok(version);
  const header = { "If-Match": version };
  const first = await client.PUT("/v1/enterprises/{id}", { params: { path, header }, body: plant("The first") });
  assert.equal(first.response.status, 200);
  const second = await client.PUT("/v1/enterprises/{id}", { params: { path, header }, body: plant("The second") });
  assert.equal(second.response.status, 412);
  assert.equal(second.error?.type, "urn:partnermatch:problem:precondition-failed");
  const unchanged = await client.GET("/v1/enterprises/{id}", {
    params: { path, header: { "If-None-Match": first.response.headers.get("etag") ?? "" } },
  });
  assert.equal(unchanged.response.status, 304);
  await remove(id);
});

test("a request that is sent again under its key is carried out once", async () => {
  const header = { "Idempotency-Key": randomUUID() };
  const body = plant(`Orsha Tools ${randomUUID().slice(0, 8)}`);
  const first = await client.POST("/v1/enterprises", { params: { header }, body });
  const again = await client.POST("/v1/enterprises", { params: { header }, body });
  assert.equal(first.response.status, 201);
  assert.equal(again.response.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(again.data, first.data);
  const other = await client.POST("/v1/enterprises", { params: { header }, body: { ...body, name: "Another" } });
  assert.equal(other.response.status, 422);
  assert.ok(first.data);
  await remove(first.data.id);
});

test("a score can be had as it was", async () => {
  const path = { a: "bate", b: "avtovaz" };
  const now = await client.GET("/v1/pairs/{a}/{b}", { params: { path } });
  const asOf = new Date().toISOString();
  const then = await client.GET("/v1/pairs/{a}/{b}", { params: { path, query: { asOf } } });
  assert.ok(now.data && then.data);
  assert.equal(then.data.score, now.data.score);
});

test("what is wrong is named by its place", async () => {
  const { response, error } = await client.POST("/v1/enterprises", {
    body: { name: "Nowhere", country: "BY", region: "BY-XX", offers: [{ code: "99.99" }] },
  });
  assert.equal(response.status, 400);
  assert.deepEqual(
    error?.errors?.map((e) => e.path),
    ["region", "offers[0].code"],
  );
});
