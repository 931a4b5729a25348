"""An OpenID provider that nobody here wrote: oidc-provider, run by node."""
