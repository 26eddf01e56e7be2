"""Twenty tasks at once, with long names: what fills a pipe that nobody reads."""
import time

from rig_common import START, dag, task


@dag(schedule="* * * * *", start_date=START, catchup=False, max_active_runs=1, tags=["rig"])
def rig_wide():
    @task
    def sleep():
        time.sleep(60)

    for number in range(20):
        sleep.override(task_id=f"sleep_{number}_{'x' * 200}")()


rig_wide()
