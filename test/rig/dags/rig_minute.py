"""Every minute a task of 20 s and a quick one: the pulse of the rig, seen by every fourth look at the least."""
import time

from rig_common import START, dag, task


@dag(schedule="* * * * *", start_date=START, catchup=False, max_active_runs=4, tags=["rig"])
def rig_minute():
    @task
    def first():
        time.sleep(20)

    @task
    def second():
        return "done"

    first() >> second()


rig_minute()
