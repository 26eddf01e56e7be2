"""One task of an hour, and five that wait behind it since the DAG runs one task at a time, in a pool with room."""
import time

from rig_common import START, dag, task


@dag(schedule="* * * * *", start_date=START, catchup=False, max_active_runs=1, max_active_tasks=1, tags=["rig"])
def rig_single():
    @task
    def sleep():
        time.sleep(3600)

    for number in range(6):
        sleep.override(task_id=f"sleep_{number}", priority_weight=10 - number)()


rig_single()
