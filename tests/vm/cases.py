# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenarios: what stands on the stage, what is asked, what provokes the
kernel, and what can be judged of it.

The stage is shell for the guest (see guest.sh for its words). Its actors hold
their memory and sleep; only the trigger allocates once the gate opens, so what
is foretold of the stage is what the kernel then sees.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str
    says: str
    stage: str
    predict: str = ""
    trigger: str = ""
    provoke: str = "open_gate"
    memory_mib: int = 256
    swap_mib: int = 0
    cpus: int = 1
    nodes: int = 1
    kills: int = 1
    # A disk nobody can be killed in the middle of a read of: so many bytes a second.
    slow_disk: int = 0
    # victim: who dies is determined. panic, allocating-task, enomem: only the
    # kernel's action is, who happened to allocate is nobody's merit. in-flight:
    # what is told of a victim that cannot end. origin: what is told of one in
    # swapoff(2). program: a test program's own word.
    judge: str = "victim"
    panic_says: str = "panic_on_oom"
    cgroup_v1: bool = False
    smoke: bool = False
    # Where the stage means something only if it looks so to the naive eye.
    naive_wrong: bool = False


CASES = [
    Case("biggest-rss", "the biggest RSS dies",
         "actor small --anon 20; actor big --anon 60; actor middle --anon 40", smoke=True),
    Case("high-adj", "a small process with a high adj dies before a big one",
         "actor big --anon 80; actor small --anon 4 --adj 500", smoke=True),
    Case("protected", "-1000 protects the biggest",
         "actor fortress --anon 70 --adj -1000; actor second --anon 40; actor third --anon 30"),
    Case("negative-points", "of processes whose points are all negative the true order holds",
         "actor low --anon 30 --adj -900; actor lower --anon 50 --adj -998; actor middle --anon 10 --adj -800"),
    Case("within-one-step", "two within one step of oom_score: 40 pages decide",
         "pair_within_one_step --anon 50; actor third --anon 30",
         smoke=True, naive_wrong=True),
    Case("equal-siblings", "of exactly equal ones the last in the task list dies",
         "for name in one two three four; do actor $name --anon 24; done", smoke=True, naive_wrong=True),
    # By the precise sum spread has some 10 pages more, by the quick one plain has
    # 30 more: what each CPU keeps of the spread one to itself is not in it.
    Case("counter-lag", "the sum the kernel uses decides, quick or precise, when it is spread over CPUs",
         "actor spread --anon 40 --spread; actor plain --anon 39 --anon-kib 960", cpus=4, memory_mib=320),
    Case("page-tables", "page tables dominate",
         "actor resident --anon 24; actor tables --anon 2 --sparse 40; actor other --anon 16"),
    Case("hugetlb", "huge pages of hugetlb count for nobody",
         "echo 24 >/proc/sys/vm/nr_hugepages; actor huge --anon 8 --huge 48; actor plain --anon 30; actor small --anon 4"),
    Case("swap", "who lies in swap counts as if resident",
         "add_swap; actor swapped --anon 70 --page-out; actor resident --anon 50; actor small --anon 10",
         swap_mib=96),
    Case("shmem-mapped-by-many", "shared memory counts in full for each that maps it",
         "dd if=/dev/zero of=/dev/shm/pool bs=1M count=48 2>/dev/null;"
         "actor private --anon 40; for name in a b c; do actor map-$name --share /dev/shm/pool; done",
         naive_wrong=True),
    Case("clone-vm", "partners by CLONE_VM die together",
         "actor pair --anon 60 --clone-vm; actor single --anon 40"),
    Case("vfork", "a vfork child before its exec is not chosen, its parent is, both die",
         "actor parent --anon 60 --vfork; actor single --anon 40"),
    Case("zombie-leader", "a process whose leader has exited still counts in full",
         "actor undead --anon 60 --zombie-leader; actor single --anon 40"),
    Case("memcg-inside", "a group at its limit kills inside, a bigger process lives outside",
         "cgroup box memory.max 64M; actor giant --anon 90;"
         "actor a --cgroup $CG/box --anon 14; actor b --cgroup $CG/box --anon 24",
         predict="--memcg /box", trigger="--cgroup $CG/box", smoke=True, naive_wrong=True),
    Case("memcg-adj", "an adj weighs by the group's limit, not by the machine's memory",
         "cgroup box memory.max 50M;"
         "actor big --cgroup $CG/box --anon 34; actor small --cgroup $CG/box --anon 6 --adj 400",
         predict="--memcg /box", trigger="--cgroup $CG/box", naive_wrong=True),
    Case("memcg-nested-inner", "the inner limit is hit: only the inner group's are candidates",
         "cgroup outer memory.max 110M; cgroup outer/inner memory.max 40M; cgroup outer/leaf;"
         "actor beside --cgroup $CG/outer/leaf --anon 50;"
         "actor x --cgroup $CG/outer/inner --anon 12; actor y --cgroup $CG/outer/inner --anon 18",
         predict="--memcg /outer/inner", trigger="--cgroup $CG/outer/inner", naive_wrong=True),
    Case("memcg-nested-outer", "the outer limit is hit: all below it are candidates, outside nobody",
         "cgroup outer memory.max 90M; cgroup outer/inner memory.max 60M; cgroup outer/leaf; actor giant --anon 50;"
         "actor x --cgroup $CG/outer/inner --anon 32; actor y --cgroup $CG/outer/leaf --anon 24",
         predict="--memcg /outer", trigger="--cgroup $CG/outer/leaf", naive_wrong=True),
    Case("memcg-oom-group", "memory.oom.group below the limit: the whole group but -1000",
         "cgroup box memory.max 90M; cgroup box/team memory.oom.group 1; cgroup box/solo; actor giant --anon 70;"
         "actor t1 --cgroup $CG/box/team --anon 24; actor t2 --cgroup $CG/box/team --anon 10;"
         "actor t3 --cgroup $CG/box/team --anon 6 --adj -1000; actor s1 --cgroup $CG/box/solo --anon 18",
         predict="--memcg /box", trigger="--cgroup $CG/box/solo", naive_wrong=True),
    Case("memcg-swap", "a group's swap counts in what an adj weighs",
         "add_swap; cgroup box memory.max 50M memory.swap.max 20M;"
         "actor big --cgroup $CG/box --anon 34; actor small --cgroup $CG/box --anon 6 --adj 500",
         predict="--memcg /box", trigger="--cgroup $CG/box", swap_mib=64),
    Case("memcg-swappiness-0", "but not with swappiness 0",
         "add_swap; set_sysctl swappiness 0; cgroup box memory.max 50M memory.swap.max 20M;"
         "actor big --cgroup $CG/box --anon 34; actor small --cgroup $CG/box --anon 6 --adj 500",
         predict="--memcg /box", trigger="--cgroup $CG/box", swap_mib=64, naive_wrong=True),
    Case("v1-limit", "cgroup v1: a group at its limit kills inside",
         "mount_v1; cgroup_v1 box memory.limit_in_bytes 64M; actor giant --anon 90;"
         "actor a --cgroup $CG1/box --anon 14; actor b --cgroup $CG1/box --anon 24",
         predict="--memcg /box", trigger="--cgroup $CG1/box", cgroup_v1=True, naive_wrong=True),
    Case("v1-swappiness-0", "cgroup v1: swappiness is the group's own, and 0 leaves its swap out",
         "add_swap; mount_v1; cgroup_v1 box memory.limit_in_bytes 50M memory.swappiness 0;"
         "actor big --cgroup $CG1/box --anon 34; actor small --cgroup $CG1/box --anon 6 --adj 500",
         predict="--memcg /box", trigger="--cgroup $CG1/box", cgroup_v1=True, swap_mib=64, naive_wrong=True),
    Case("global-oom-group", "memory.oom.group and a global OOM: the victim's whole group but -1000",
         "cgroup team memory.oom.group 1; actor single --anon 30;"
         "actor t1 --cgroup $CG/team --anon 40; actor t2 --cgroup $CG/team --anon 12;"
         "actor t3 --cgroup $CG/team --anon 8 --adj -1000"),
    Case("cpuset", "an allocation bound by a cpuset kills where its nodes are",
         "cgroup zero cpuset.mems 0; cgroup one cpuset.mems 1;"
         "actor big --cgroup $CG/zero --anon 60; actor small --cgroup $CG/one --anon 30;"
         "actor spare --cgroup $CG/one --anon 10",
         predict="--cpuset 1", trigger="--cgroup $CG/one", nodes=2, cpus=2, memory_mib=384, naive_wrong=True),
    Case("mempolicy", "an allocation bound by MPOL_BIND spares who is bound elsewhere",
         "actor elsewhere --bind 0 --anon 60; actor bound --bind 1 --anon 36; actor free --anon 24",
         predict="--mempolicy 1", trigger="--bind 1", nodes=2, cpus=2, memory_mib=384, naive_wrong=True),
    Case("mempolicy-unbound", "and takes who is not bound at all, wherever his memory lies",
         "actor elsewhere --bind 0 --anon 60; actor bound --bind 1 --anon 30; actor free --anon 44;"
         "actor spare --bind 1 --anon 10",
         predict="--mempolicy 1", trigger="--bind 1", nodes=2, cpus=2, memory_mib=384, naive_wrong=True),
    Case("allocating-task", "oom_kill_allocating_task: whoever asks dies",
         "set_sysctl oom_kill_allocating_task 1; actor big --anon 60; actor small --anon 20",
         trigger="--adj 0", judge="allocating-task"),
    Case("allocating-task-memcg", "oom_kill_allocating_task does not reach into a memory cgroup",
         "set_sysctl oom_kill_allocating_task 1; cgroup box memory.max 64M; actor giant --anon 80;"
         "actor a --cgroup $CG/box --anon 14; actor b --cgroup $CG/box --anon 24",
         predict="--memcg /box", trigger="--cgroup $CG/box", naive_wrong=True),
    Case("panic-1", "panic_on_oom=1 and a global OOM: panic",
         "set_sysctl panic_on_oom 1; actor big --anon 60; actor small --anon 20", judge="panic", smoke=True),
    Case("panic-2", "panic_on_oom=2 and a global OOM: panic",
         "set_sysctl panic_on_oom 2; actor big --anon 60; actor small --anon 20", judge="panic"),
    Case("panic-1-memcg", "panic_on_oom=1 and a group at its limit: a kill",
         "set_sysctl panic_on_oom 1; cgroup box memory.max 64M; actor giant --anon 80;"
         "actor a --cgroup $CG/box --anon 14; actor b --cgroup $CG/box --anon 24",
         predict="--memcg /box", trigger="--cgroup $CG/box", naive_wrong=True),
    Case("panic-2-memcg", "panic_on_oom=2 and a mere group at its limit: panic",
         "set_sysctl panic_on_oom 2; cgroup box memory.max 64M;"
         "actor a --cgroup $CG/box --anon 14; actor b --cgroup $CG/box --anon 24",
         predict="--memcg /box", trigger="--cgroup $CG/box", judge="panic"),
    Case("panic-1-cpuset", "panic_on_oom=1 and an allocation bound by a cpuset: a kill",
         "set_sysctl panic_on_oom 1; cgroup zero cpuset.mems 0; cgroup one cpuset.mems 1;"
         "actor big --cgroup $CG/zero --anon 60; actor small --cgroup $CG/one --anon 30;"
         "actor spare --cgroup $CG/one --anon 10",
         predict="--cpuset 1", trigger="--cgroup $CG/one", nodes=2, cpus=2, memory_mib=384, naive_wrong=True),
    Case("deadlock", "nobody may be killed: panic, whatever panic_on_oom says",
         "actor a --anon 60 --adj -1000; actor b --anon 20 --adj -1000",
         judge="panic", panic_says="deadlocked on memory"),
    Case("overcommit-2", "overcommit_memory=2: the limit is met before memory runs out, nobody dies",
         "actor big --anon 50; actor small --anon 10; set_sysctl overcommit_ratio 60; set_sysctl overcommit_memory 2",
         trigger="--accounted", judge="enomem"),
    Case("sysrq", "SysRq-f kills the worst whatever the policies say",
         "set_sysctl panic_on_oom 2; set_sysctl oom_kill_allocating_task 1;"
         "actor big --anon 60; actor small --anon 10 --adj 400; actor middle --anon 30",
         predict="--sysrq", provoke="echo f >/proc/sysrq-trigger; stage await 1 && echo outcome killed"),
    Case("cascade", "three kills in a row",
         "actor first --anon 50; actor third --anon 20; actor second --anon 35; actor fourth --anon 10",
         predict="--kills 3", trigger="--kills 3", kills=3),
    Case("victim-in-flight", "while a victim cannot end nobody else dies, and once its memory is taken it counts no more",
         "actor stuck --anon 60 --stuck /dev/nvme0n1; actor next --anon 40",
         provoke="watch_first open_gate", slow_disk=48 << 10, judge="in-flight"),
    # By a limit, which is then lifted: what is paged out on demand stays in the swap cache,
    # and no disk is read to bring it back.
    Case("swapoff", "who takes swap out of use is chosen before everybody, whatever its size, and known for it",
         "add_swap; actor taker --anon 8 --swapoff /dev/nvme0n1; cgroup box memory.max 16M;"
         "actor swapped --cgroup $CG/box --anon 70; echo max >$CG/box/memory.max; actor big --anon 40",
         provoke="watch_first swapoff_and_open_gate", swap_mib=96, slow_disk=256 << 10, judge="origin"),
    Case("bpf-source", "the BPF program this kernel takes tells the same as its files", "run_program test_sample_bpf",
         memory_mib=512, cpus=2, judge="program", smoke=True),
    Case("bpf-slept", "of who sleeps it tells the same, too, whatever changes",
         "echo +memory >$CG/cgroup.subtree_control; run_program test_sample_slept",
         memory_mib=512, cpus=2, judge="program"),
    Case("bpf-carried", "and whatever snapshot it is carried over from", "run_program test_sample_carried",
         memory_mib=512, cpus=2, judge="program"),
]
