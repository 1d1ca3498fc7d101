"""Knocks at the service of many machines and tells how long each was away.

    prober.py PERIOD_MS FILE ADDRESS...

Runs in the sandbox's network until SIGTERM; then writes {address: longest time between two answers, in ms}.
"""

import asyncio
import json
import signal
import sys
import time

PORT = 8080
LIMIT_S = 2


async def answers(address):
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, PORT), LIMIT_S)
    except (OSError, asyncio.TimeoutError):
        return False
    try:
        return bool(await asyncio.wait_for(reader.readline(), LIMIT_S))
    except (OSError, asyncio.TimeoutError):
        return False
    finally:
        writer.close()


async def knock(address, period_s, longest):
    last = time.monotonic()
    while True:
        asked = time.monotonic()
        answered = await answers(address)
        longest[address] = max(longest[address], (time.monotonic() - last) * 1000)
        last = time.monotonic() if answered else last
        await asyncio.sleep(max(0, period_s - (time.monotonic() - asked)))


async def main():
    period_s, path, addresses = int(sys.argv[1]) / 1000, sys.argv[2], sys.argv[3:]
    longest = dict.fromkeys(addresses, 0)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    tasks = [asyncio.create_task(knock(address, period_s, longest)) for address in addresses]
    await over.wait()
    for task in tasks:
        task.cancel()
    with open(path, "w", encoding="ascii") as file:
        json.dump({address: round(ms) for address, ms in longest.items()}, file)


asyncio.run(main())
