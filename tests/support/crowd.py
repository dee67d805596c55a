"""A crowd at a server's door, as a process of its own: idle connections, and senders that take their time.

    python crowd.py PORT IDLE SLOW

Keeps that many open: those that the server cuts are opened again. Half of the idle ones have had a reply before. Says "full" when all are
there for the first time, and ends when its standard input does."""

import os
import pathlib
import resource
import select
import socket
import subprocess
import sys
import time

QUESTION = b"GET /system/auth/ACME-U/oauth2/jwks HTTP/1.1\r\nHost: auth.example.test\r\n\r\n"
SLOW_HEAD = (b"POST /system/auth/ACME-U/oauth2/token HTTP/1.1\r\nHost: auth.example.test\r\n"
             b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 600\r\n")
FILES_BESIDE = 200
AT_ONCE = 200  # opened between two looks at what the server did


class Crowd:
	def __init__(self, port, idle, slow):
		self.port, self.idle, self.slow = port, idle, slow
		self.epoll = select.epoll()
		self.members = {}  # descriptor: (socket, whether it is a slow one)
		self.slow_now, self.next_drop = 0, 0.0

	def open_one(self):
		slow = self.slow_now < self.slow
		one = socket.create_connection(("127.0.0.1", self.port), timeout=20)
		if slow:
			one.sendall(SLOW_HEAD + (b"\r\n" if self.slow_now % 2 else b"X-More: "))
			self.slow_now += 1
		elif len(self.members) % 2:
			one.sendall(QUESTION)
		one.setblocking(False)
		self.members[one.fileno()] = (one, slow)
		self.epoll.register(one.fileno(), select.EPOLLIN | select.EPOLLRDHUP)

	def close_one(self, descriptor):
		one, slow = self.members.pop(descriptor)
		self.epoll.unregister(descriptor)
		one.close()
		self.slow_now -= slow

	def listen(self, seconds):
		"""Reads what came, and lets go of what the server cut."""
		for descriptor, _ in self.epoll.poll(seconds, 1024):
			try:
				data = self.members[descriptor][0].recv(65536)
			except BlockingIOError:
				continue
			except OSError:
				data = b""
			if not data:
				self.close_one(descriptor)

	def drip(self):
		"""A byte a second: half of the slow ones never end their headers, half never end their form."""
		if time.monotonic() < self.next_drop:
			return
		self.next_drop = time.monotonic() + 1
		for descriptor, (one, slow) in list(self.members.items()):
			if slow:
				try:
					one.send(b"a")
				except OSError:
					self.close_one(descriptor)

	def stay(self):
		full, wanted = False, self.idle + self.slow
		while not is_over():
			for _ in range(min(AT_ONCE, wanted - len(self.members))):
				self.open_one()
			if not full and len(self.members) == wanted:
				full = True
				print("full", flush=True)
			self.listen(0.05 if full else 0)
			self.drip()


def is_over():
	"""Whoever gathered the crowd has let go of our standard input."""
	readable, _, _ = select.select([sys.stdin], [], [], 0)
	return bool(readable) and not sys.stdin.read(1)


class Gathered:
	"""The crowd, seen from a test: with Gathered(server, 10000, 100): …"""

	def __init__(self, server, idle, slow):
		self.process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__)), str(server.port), str(idle), str(slow)],
		                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

	def __enter__(self):
		assert self.process.stdout.readline() == "full\n", "the crowd did not come together"
		return self

	def __exit__(self, *_):
		self.process.stdin.close()
		self.process.wait(20)
		self.process.stdout.close()


def files_allowed():
	"""Open files that a process here may have once it raised its limit."""
	return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def main():
	port, idle, slow = map(int, sys.argv[1:])
	hard = files_allowed()
	wanted = idle + slow + FILES_BESIDE
	resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))
	Crowd(port, idle, slow).stay()


if __name__ == "__main__":
	main()
	os._exit(0)  # ten thousand sockets need no farewell
