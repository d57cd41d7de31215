"""Runs pytest, and gives the few tests that failed a second try by themselves, in a process of their own.

    python -m tests.support.running.second_try [ARGUMENT OF PYTEST…]

Tests that drive real servers and browsers share a machine with others, and once in thousands one is late. What fails by
itself as well has failed. What passes then is named as unsteady, so that its cause is looked for
(docs/decisions/0048-a-second-try-alone.md).
"""

import subprocess
import sys

import pytest

MOST = 3  # more than these are no accident


class Failures:
    """The tests of a run that failed, in the order in which they did."""

    def __init__(self) -> None:
        self.tests: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.tests:
            self.tests.append(report.nodeid)


def main(arguments: list[str]) -> int:
    """Run the tests; return 0 if each passed, be it by itself, and the exit status of pytest otherwise."""
    failures = Failures()
    status = int(pytest.main(arguments, plugins=[failures]))
    if status != pytest.ExitCode.TESTS_FAILED or not 1 <= len(failures.tests) <= MOST:
        return status
    print(f"A second try, by itself, for: {', '.join(failures.tests)}", flush=True)
    again = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", *failures.tests], check=False).returncode
    if again:
        return again
    for test in failures.tests:
        print(f"UNSTEADY: {test} failed first, and passed by itself.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
