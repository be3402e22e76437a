"""The same end-to-end tests that the embedded stack passes."""

import sys


def test_end_to_end_tests_pass(stack, run):
    options = ["-p", "no:cacheprovider", "-q", "tests/e2e"]
    print(run(sys.executable, "-m", "pytest", *options, env={"BASE_URL": stack.url}))  # noqa: T201 - what it skipped
