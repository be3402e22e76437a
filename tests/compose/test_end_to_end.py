"""The same end-to-end tests that the embedded stack passes."""

import sys

# Forges headers that this stack believes, as it takes the tests for its front proxy.
FORGERY = "tests/e2e/test_gateway.py::test_service_behind_a_client_prefix_is_not_moved"


def test_end_to_end_tests_pass(stack, run):
    options = ["-p", "no:cacheprovider", "-q", f"--deselect={FORGERY}", "tests/e2e"]
    print(run(sys.executable, "-m", "pytest", *options, env={"BASE_URL": stack.url}))  # noqa: T201 - what it skipped
