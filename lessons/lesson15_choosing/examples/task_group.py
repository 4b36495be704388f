"""Tasks that belong together: `TaskGroup`, since Python 3.11."""

import asyncio


# ANCHOR: main
async def square(n):
    await asyncio.sleep(0.001)
    return n * n


async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(square(n)) for n in (1, 2, 3)]
    print(f"The sum of the squares is {sum(task.result() for task in tasks)}")

    try:
        await asyncio.wait_for(asyncio.sleep(3600), timeout=0.001)
        print("timed out: false")
    except asyncio.TimeoutError:
        print("timed out: true")
# ANCHOR_END: main


asyncio.run(main())
