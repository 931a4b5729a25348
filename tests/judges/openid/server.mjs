// One OpenID provider, as the configuration file named on the command line says.
//
// The way through it (sign in, agree, sign out) is the package's own.

import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const chosen = JSON.parse(readFileSync(process.argv[2], "utf-8"));

const provider = new Provider(chosen.issuer, {
  clients: [chosen.client],
  jwks: chosen.jwks,
  cookies: { keys: ["a key of a test"] },
  claims: {
    openid: ["sub"],
    profile: Object.values(chosen.accounts).flatMap((claims) => Object.keys(claims)),
  },
  enabledJWA: {
    clientAuthSigningAlgValues: ["ES256"],
    idTokenSigningAlgValues: ["RS256", "RS512"],
  },
  clientAuthMethods: ["private_key_jwt"],
  pkce: { required: () => true },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // The gateway of a test is on this very machine, which the provider would otherwise not call.
  fetch: (address, { dispatcher, ...options }) => fetch(address, options),
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...chosen.accounts[id] }),
  }),
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 300, Session: 600 },
});

provider.on("server_error", (_context, error) => console.error(error));
provider.on("grant.error", (_context, error) => console.error(error.message, error.error_detail));
provider.on("backchannel.error", (_context, error) => console.error(error.message));
provider.on("backchannel.success", () => console.error("backchannel.success"));
provider.listen(chosen.port, "127.0.0.1", () => console.error("listening"));
