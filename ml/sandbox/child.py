"""The life of a child: get ready, be confined, then do one job after another.

Decoders are large C programs that read what strangers wrote. A child therefore keeps one open
socket to its parent and otherwise cannot open files or connections, write files, gain rights, or
take more memory and processor time than a file is worth. Where the system has libseccomp (Debian
and its kin do; the image does), the kernel also refuses all system calls but those that decoding
needs; elsewhere `docs/deployment.md` names what a service manager can refuse in its stead.

Nothing heavier is imported than a child's jobs need, so that it starts in a fraction of a second.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import socket
import sys
import time
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

from ml.sandbox.channel import Channel, ChannelClosedError, taken_over

OUT_OF_MEMORY = 12  # exit status of a child that wanted more than it was allowed

_PR_SET_PDEATHSIG = 1  # numbers of Linux's prctl(2)
_PR_SET_NO_NEW_PRIVS = 38
_REFUSED = ("open", "socket.", "os.", "subprocess.", "ctypes.", "shutil.")

_SCMP_ACT_ALLOW = 0x7FFF0000  # numbers of seccomp.h
_SCMP_ACT_ERRNO = 0x00050000
_SCMP_CMP_MASKED_EQ = 7
_CLONE_THREAD = 0x00010000
_ALLOWED_CALLS = (
    *("read", "write", "recvfrom", "recvmsg", "sendto", "sendmsg", "poll", "ppoll", "close"),
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk"),
    *("futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "membarrier"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("getrlimit", "setrlimit", "prlimit64", "getrusage", "getpid", "gettid", "getrandom"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "times"),
    *("exit", "exit_group", "fstat", "lseek", "prctl"),
)


class _ArgumentTest(ctypes.Structure):
    """libseccomp's `scmp_arg_cmp`."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


def die_with(parent: int) -> None:
    """Have this process killed as soon as its parent ends, however that happens.

    Where the system is not Linux, the end of the socket tells an idle child the same.

    Args:
        parent: process id; when it has ended already, so does this process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit()


class Confinement:
    """A process that has given up all that decoding does not need."""

    def __init__(self, memory_bytes: int) -> None:
        """Give it up.

        Args:
            memory_bytes: address space this process may ever take beyond what it has.

        Attributes:
            filters_calls: whether the kernel refuses the system calls that are not needed.
        """
        self._address_space = 0
        self.filters_calls = False
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            self._address_space = pages * resource.getpagesize()
            self.filters_calls = _filter_calls()
            most = self._address_space + memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # open ones stay; no others come
        sys.addaudithook(_refuse)

    def allow(self, memory_bytes: int, cpu_seconds: int) -> None:
        """Set what the next job may take; going beyond ends the process.

        Args:
            memory_bytes: address space beyond what this process had when it was confined.
            cpu_seconds: processor time from now on.
        """
        _, most_seconds = resource.getrlimit(resource.RLIMIT_CPU)
        used = ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, most_seconds))
        if self._address_space:
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            wanted = min(self._address_space + memory_bytes, most)
            resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def _filter_calls() -> bool:
    """Have the kernel refuse all other system calls; False where libseccomp is missing."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return False
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_SCMP_ACT_ERRNO | errno.EPERM))
    for name in _ALLOWED_CALLS:
        number = library.seccomp_syscall_resolve_name(name.encode())
        # A call that this processor does not have is refused by the library, and not needed.
        library.seccomp_rule_add_array(context, _SCMP_ACT_ALLOW, number, 0, None)
    # Threads, but no processes. glibc asks with clone3 first, whose flags no filter can see.
    thread = _ArgumentTest(0, _SCMP_CMP_MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
    clone = library.seccomp_syscall_resolve_name(b"clone")
    library.seccomp_rule_add_array(context, _SCMP_ACT_ALLOW, clone, 1, ctypes.byref(thread))
    clone3 = library.seccomp_syscall_resolve_name(b"clone3")
    not_there = _SCMP_ACT_ERRNO | errno.ENOSYS
    library.seccomp_rule_add_array(context, not_there, clone3, 0, None)
    loaded = bool(library.seccomp_load(context) == 0)
    library.seccomp_release(context)
    return loaded


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def main(words: str) -> None:
    """Serve the parent until it hangs up.

    Args:
        words: JSON of `parent` (process id), of the descriptors `socket`, `input` (memory in
            which the parent puts files) and `output` (where results go), of `memory_bytes`, and
            of `jobs`: module and options by name.
    """
    orders = json.loads(words)
    die_with(orders["parent"])
    channel = Channel(socket.socket(fileno=orders["socket"]), most_payload=0)
    given = taken_over(orders["input"], writable=False)
    output = taken_over(orders["output"], writable=True)
    work = {
        name: import_module(module).prepare(options)
        for name, (module, options) in orders["jobs"].items()
    }
    confinement = Confinement(orders["memory_bytes"])
    try:
        channel.send({"ready": True})
        while True:
            request, _ = channel.receive()
            confinement.allow(request["memory_bytes"], request["cpu_seconds"])
            channel.send(work[request["job"]](given[: request["size"]], output))
    except ChannelClosedError:
        return
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
