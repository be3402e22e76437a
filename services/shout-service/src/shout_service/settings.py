"""Settings: what an operator can choose, from the environment."""

from pydantic import Field, HttpUrl

from chassis import ServiceSettings


class Settings(ServiceSettings):
    """What an operator can choose.

    Attributes:
        shoutcloud_url: the external API.
        shout_deadline: seconds that a request may take.
        shout_fallback: shout locally when the API does not answer.
        shout_cache_bytes: memory for answers; 0 keeps none.
        shout_cache_ttl: seconds that an answer is kept.
        shout_concurrency: calls of the API at once.
        shout_queue_seconds: seconds that another call waits for its turn.
        shout_slow_call: seconds from which on a call counts as slow for the breaker.
        shout_breaker_seconds: seconds that the breaker stays open before it tries again.
    """

    shoutcloud_url: HttpUrl = HttpUrl("http://api.shoutcloud.io/V1/SHOUT")
    shout_deadline: float = Field(default=3, gt=0, le=60, allow_inf_nan=False)
    shout_fallback: bool = True
    shout_cache_bytes: int = Field(default=16 * 2**20, ge=0, le=2**34)
    shout_cache_ttl: float = Field(default=86_400, gt=0, le=10**9, allow_inf_nan=False)
    shout_concurrency: int = Field(default=32, ge=1, le=1000)
    shout_queue_seconds: float = Field(default=0.5, ge=0, le=60, allow_inf_nan=False)
    shout_slow_call: float = Field(default=1, gt=0, le=60, allow_inf_nan=False)
    shout_breaker_seconds: float = Field(default=5, gt=0, le=3600, allow_inf_nan=False)
