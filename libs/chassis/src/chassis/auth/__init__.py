"""OpenID Connect bearer tokens; imported only by a service that has an issuer (extra `auth`)."""

from chassis.auth._authenticator import Authenticator

__all__ = ["Authenticator"]
