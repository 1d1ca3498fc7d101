"""Commits rows as fast as it is told, and notes outside each commit that was acknowledged.

    writer.py ADDRESS PORT FILE INTERVAL_MS [IDLE_MS]

Each line of FILE: the row's number and the monotonic time in seconds at which its commit was
acknowledged; IDLE_MS is the pause after a failed attempt to connect. A commit without an answer is not noted: nobody may rely on it. Ends on SIGTERM.
"""

import signal
import socket
import sys
import time

import psycopg2

CONNECT_S = 0.25
IDLE_MS = 5

ended = False


def end(_signal, _frame):
    global ended
    ended = True


def connect(address, port):
    """A connection, or None: asked by TCP first, because libpq waits for whole seconds."""
    try:
        socket.create_connection((address, port), timeout=CONNECT_S).close()
        connection = psycopg2.connect(
            host=address, port=port, user="postgres", dbname="postgres", connect_timeout=2,
            options="-c statement_timeout=2000", tcp_user_timeout=1000,
            # An address that moves away takes the answer along: nobody tells who waits for it.
            keepalives_idle=1, keepalives_interval=1, keepalives_count=2)
        connection.autocommit = True
        return connection
    except (OSError, psycopg2.Error):
        return None


def main():
    address, port, path, interval_ms = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    idle_ms = float(sys.argv[5]) if len(sys.argv) > 5 else IDLE_MS
    number, connection = 0, None

    signal.signal(signal.SIGTERM, end)
    with open(path, "w", buffering=1, encoding="ascii") as noted:
        while not ended:
            connection = connection or connect(address, port)
            if connection is None:
                time.sleep(idle_ms / 1000)
                continue
            number += 1
            try:
                with connection.cursor() as cursor:
                    cursor.execute("insert into written values (%s)", (number,))
                noted.write(f"{number} {time.monotonic():.6f}\n")
                time.sleep(interval_ms / 1000)
            except psycopg2.Error:
                connection.close()
                connection = None


main()
