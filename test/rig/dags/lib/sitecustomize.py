"""Lets `break run` have a few lines executed in the main thread of a process that is up, as a debugger would."""
import signal


def _run(*_):
    with open("/opt/airflow/fault.py") as lines:
        exec(lines.read(), {"__name__": "fault"})


try:
    signal.signal(signal.SIGUSR1, _run)
except ValueError:  # Not the main thread.
    pass
