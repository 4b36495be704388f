"""`create_task`, `gather`, `to_thread` and cancellation."""

import asyncio


# ANCHOR: main
async def double():
    return 2 * 21


async def pause(n):
    await asyncio.sleep(0.001)
    return n


async def main():
    task = asyncio.create_task(double())
    print("create_task:", await task)
    print("gather:", await asyncio.gather(pause(1), pause(2)))
    print("to_thread:", await asyncio.to_thread(sum, range(1, 5)))

    never = asyncio.create_task(asyncio.sleep(3600))
    never.cancel()
    try:
        await never
    except asyncio.CancelledError:
        print("cancelled: None")
# ANCHOR_END: main


asyncio.run(main())
