// Proof by clients that nobody here wrote: lints the document, makes a TypeScript client of it, and runs that against the live service, then
// once more through a proxy that validates every answer. `node run.mjs <PartnerMatch.Api.dll>`; ends with "N passed, N failed".
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const openapi = resolve(here, "../../openapi");
const document = join(openapi, "partnermatch.v1.json");
const service = process.argv[2] && resolve(process.argv[2]);
if (!service || !existsSync(service)) {
  console.error("usage: node run.mjs <path of the built PartnerMatch.Api.dll>");
  process.exit(2);
}

const bin = (name) => join(here, "node_modules", ".bin", name);
let passed = 0;
let failed = 0;

const check = (what, command, args) => {
  const { status } = spawnSync(command, args, { cwd: here, stdio: "inherit", env: { ...process.env, NODE_PATH: join(here, "node_modules") } });
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${what}`);
  status === 0 ? passed++ : failed++;
  return status === 0;
};

/** Starts a program and waits for the address that it says it listens on. */
const start = (command, args, options, pattern) =>
  new Promise((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const read = (data) => {
      said += data;
      const found = pattern.exec(said);
      if (found) {
        done({ url: found[1], stop: () => new Promise((ended) => (child.exitCode === null ? child.once("exit", ended) && child.kill() : ended())) });
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => fail(new Error(`${command} ended with ${code}:\n${said.slice(-3000)}`)));
  });

const runTests = (what, url, key) =>
  new Promise((done) => {
    const suite = join(here, "build", "typescript", "suite.js");
    const child = spawn(process.execPath, ["--test", "--test-reporter=tap", suite], {
      env: { ...process.env, PARTNERMATCH_URL: url, PARTNERMATCH_KEY: key, EXAMPLES: join(openapi, "examples") },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let tap = "";
    child.stdout.on("data", (data) => (tap += data));
    child.once("exit", (code) => {
      const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
      passed += count("pass");
      failed += count("fail") + (code !== 0 && count("fail") === 0 ? 1 : 0);
      console.log(code === 0 ? `ok: ${what}, ${count("pass")} tests` : `FAILED: ${what}\n${tap}`);
      done();
    });
  });

/** The service as Production runs it, with the sample and a key, on files of its own; and what is run against it. */
const withService = async (use) => {
  const folder = mkdtempSync(join(tmpdir(), "partnermatch-clients-"));
  const env = {
    ...process.env,
    ASPNETCORE_ENVIRONMENT: "Production",
    ASPNETCORE_URLS: "http://127.0.0.1:0",
    ConnectionStrings__PartnerMatch: `Data Source=${join(folder, "clients.db")}`,
    PartnerMatch__SampleData: "true",
  };
  const made = spawnSync("dotnet", [service, "keys", "create", "--name", "clients", "--scopes", "admin"], { cwd: folder, env, encoding: "utf8" });
  if (made.status !== 0) {
    throw new Error(`no key could be made: ${made.stderr}`);
  }

  const running = await start("dotnet", [service], { cwd: folder, env }, /Now listening on: (http:\/\/\S+)/);
  try {
    await use(running.url, made.stdout.trim());
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

check("Spectral finds no error", bin("spectral"), ["lint", document, "-r", join(openapi, ".spectral.yaml"), "--fail-severity", "error"]);
if (
  check("a client is made of the document", bin("openapi-typescript"), [document, "-o", join(here, "build", "schema.d.ts")]) &&
  check("what uses the client is type-checked", bin("tsc"), ["-p", join(here, "typescript")])
) {
  await withService((url, key) => runTests("the TypeScript client against the service", url, key));
  await withService(async (url, key) => {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const proxy = await start(bin("prism"), ["proxy", document, url, "--errors", "--host", "127.0.0.1", "--port", String(port)], { cwd: here }, /Prism is listening on (http:\/\/\S+)/);
    try {
      await runTests("the same through the validating proxy", `http://127.0.0.1:${port}`, key);
    } finally {
      await proxy.stop();
    }
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
