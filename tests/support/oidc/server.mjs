// The OpenID provider that tests sign in with: certified software, one client, a form that believes every login name.
//
// Started with one JSON argument: {packages, host, port, tls: {cert, key} | null, client: {…}}. It says where it is on
// its standard output and ends with its standard input, so that it never outlives the tests.
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const packages = createRequire(join(given.packages, "package.json"));
const { default: Provider } = await import(pathToFileURL(packages.resolve("oidc-provider")));

const key = (kind, options, alg) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }),
  alg,
  use: "sig",
  kid: createHash("sha256").update(alg).digest("hex").slice(0, 12),
});

const configuration = {
  clients: [given.client],
  cookies: { keys: ["for tests only"] },
  jwks: { keys: [key("rsa", { modulusLength: 2048 }, "RS256"), key("ec", { namedCurve: "P-256" }, "ES256"), key("ed25519", {}, "EdDSA")] },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 300, IdToken: 300 },
  async findAccount(_, id) {
    const profile = { name: `${id} of Example`, preferred_username: id, email: `${id}@mail.example`, email_verified: true };
    return { accountId: id, claims: async () => ({ sub: id, ...profile }) };
  },
  // Nobody is asked whether the client may know their name.
  async loadExistingGrant(ctx) {
    const { client, session, provider } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
};

const form = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example identity</title><link rel="icon" href="data:,">
<h1>Example identity</h1><form method="post"><label>Login <input name="login" autofocus></label>
<button name="do" value="in">Sign in</button> <button name="do" value="no">Refuse</button></form></html>`;

async function read(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return new URLSearchParams(body);
}

async function interact(provider, request, response) {
  if (request.method !== "POST") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(form);
    return;
  }
  const said = await read(request);
  const refused = { error: "access_denied", error_description: "Somebody said no." };
  const result = said.get("do") === "no" ? refused : { login: { accountId: said.get("login") } };
  await provider.interactionFinished(request, response, result);
}

let provider, serve;
function answer(request, response) {
  if (!request.url.startsWith("/interaction/")) return serve(request, response);
  interact(provider, request, response).catch((error) => response.writeHead(400).end(String(error)));
}

const server = given.tls
  ? createSecureServer({ cert: readFileSync(given.tls.cert), key: readFileSync(given.tls.key) }, answer)
  : createServer(answer);
server.listen(given.port, "127.0.0.1", () => {
  const issuer = `${given.tls ? "https" : "http"}://${given.host}:${server.address().port}`;
  provider = new Provider(issuer, configuration);
  serve = provider.callback();
  console.log(issuer);
});
process.stdin.resume().on("end", () => process.exit(0));
