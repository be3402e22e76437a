"""`python -m benchmarks [NAME …]`: all of them, or those named."""

import sys

from benchmarks import (
    athlete,
    blog,
    blog_scale,
    config,
    config_scale,
    config_watch,
    ip,
    ip_replicas,
    ip_scale,
    shout,
)

ALL = {
    "athlete": athlete.run,
    "ip": ip.run,
    "ip-scale": ip_scale.run,
    "ip-replicas": ip_replicas.run,
    "shout": shout.run,
    "blog": blog.run,
    "blog-scale": blog_scale.run,
    "config": config.run,
    "config-scale": config_scale.run,
    "config-watch": config_watch.run,
}


def main(names: list[str]) -> None:
    """Run and print."""
    unknown = set(names) - ALL.keys()
    if unknown:
        raise SystemExit(f"bench: no {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    for name in names or ALL:
        ALL[name]()


main(sys.argv[1:])
