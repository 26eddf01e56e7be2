"""From the minute it is unpaused: two tasks of an hour, one run at a time, so that the next run is overdue for good reason."""
import time

from rig_common import START, dag, task


@dag(schedule="* * * * *", start_date=START, catchup=False, max_active_runs=1, tags=["rig"])
def rig_hours():
    @task
    def sleep(name: str):
        time.sleep(3600)

    for name in ("a", "b"):
        sleep.override(task_id=f"sleep_{name}")(name)


rig_hours()
