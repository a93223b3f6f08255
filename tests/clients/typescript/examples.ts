import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

// Sends every example of the document; through the proxy its answer must be as documented.
const baseUrl = process.env["PARTNERMATCH_URL"];
const key = process.env["PARTNERMATCH_KEY"];
const folder = process.env["EXAMPLES"];
assert.ok(baseUrl && key && folder, "PARTNERMATCH_URL, PARTNERMATCH_KEY and EXAMPLES say where the service is, who asks, and where the examples are");
const authorization = { Authorization: `Bearer ${key}` };

interface Sending {
  method?: string;
  path: string;
  request?: unknown;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
  before?: Sending;
  until?: string;
}

const order = ["GET", "POST", "PATCH", "PUT"];
const examples = readdirSync(folder)
  .map((file) => ({ file, example: JSON.parse(readFileSync(join(folder, file), "utf8")) as Sending }))
  .sort((a, b) => order.indexOf(a.example.method ?? "") - order.indexOf(b.example.method ?? "") || b.file.localeCompare(a.file));

const send = (sending: Sending, path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, baseUrl), {
    method: sending.method ?? "POST",
    headers: {
      ...authorization,
      ...(sending.request === undefined ? {} : { "Content-Type": sending.contentType ?? "application/json" }),
      ...(sending.accept ? { Accept: sending.accept } : {}),
      ...sending.headers,
      ...headers,
    },
    ...(sending.request === undefined
      ? {}
      : { body: typeof sending.request === "string" ? sending.request : JSON.stringify(sending.request) }),
  });

for (const { file, example } of examples) {
  test(`the example ${file} is answered as documented`, async () => {
    let path = example.path;
    if (example.before) {
      const first = await send(example.before, example.before.path);
      const before = (await first.json()) as { id: string; state?: string };
      path = path.replace("{id}", before.id);
      const location = first.headers.get("location");
      for (let state = before.state; example.before.until && location && state !== example.before.until; ) {
        assert.ok(state === "queued" || state === "running", `the job is ${state}`);
        await setTimeout(50);
        state = ((await (await fetch(new URL(location, baseUrl), { headers: authorization })).json()) as { state: string }).state;
      }
    }

    // A change names the version that it changes.
    const headers: Record<string, string> = {};
    if (example.method === "PUT" || example.method === "PATCH") {
      const version = (await fetch(new URL(path, baseUrl), { headers: authorization })).headers.get("etag");
      if (version) {
        headers["If-Match"] = version;
      }
    }

    const response = await send(example, path, headers);
    const body = await response.text();
    assert.equal(response.headers.get("sl-violations"), null, "the proxy found a difference from the document");
    assert.ok(response.ok, `${response.status} ${body.slice(0, 1000)}`);
  });
}
