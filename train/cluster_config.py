"""Which of several workers this is: TF_CONFIG, read and refused at the door."""

import json
from dataclasses import dataclass
from typing import Any

from train.errors import BadCluster

EXAMPLE = '{"cluster": {"worker": ["host:port", "host:port"]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Worker:
    """One of `count` workers; the chief among them is the one that writes."""

    name: str
    is_chief: bool
    count: int


def this_worker(config: str | None) -> Worker | None:
    """What TF_CONFIG says, or None where it is not set; the chief is the job of that name, else worker 0.

    Raises BadCluster if it says something else.
    """
    if not config:
        return None
    cluster, task = _sections(config)
    _check(cluster)
    kind, index = task.get("type"), task.get("index")
    if kind not in list(cluster):
        raise BadCluster(f"TF_CONFIG has no task type of its cluster, expected {' or '.join(cluster)}")
    if type(index) is not int or not 0 <= index < len(cluster[kind]):
        raise BadCluster(
            f"TF_CONFIG has no task index of its cluster, expected a whole number from 0 to {len(cluster[kind]) - 1}"
        )
    is_chief = kind == "chief" or (index == 0 and "chief" not in cluster)
    return Worker(f"{kind} {index}", is_chief, sum(map(len, cluster.values())))


def _sections(config: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        document = json.loads(config)
    except ValueError as error:
        raise BadCluster(f"TF_CONFIG is not JSON, expected {EXAMPLE}") from error
    for name in ("cluster", "task"):
        if not isinstance(document, dict) or not isinstance(document.get(name), dict):
            raise BadCluster(f"TF_CONFIG has no {name}, expected {EXAMPLE}")
    return document["cluster"], document["task"]


def _check(cluster: dict[str, Any]) -> None:
    if not cluster or not set(cluster) <= {"chief", "worker"}:
        raise BadCluster("TF_CONFIG has another cluster than of workers, expected the jobs worker and, if you like, chief")
    for job, addresses in cluster.items():
        if not isinstance(addresses, list) or not addresses or not all(map(_is_address, addresses)):
            raise BadCluster(f'TF_CONFIG has no addresses of job {job}, expected a list of "host:port"')
    if len(cluster.get("chief", [])) > 1:
        raise BadCluster(f"TF_CONFIG has {len(cluster['chief'])} chiefs, expected one")
    every = [address for addresses in cluster.values() for address in addresses]
    if len(set(every)) < len(every):
        raise BadCluster("TF_CONFIG has one address twice, expected one address a worker")


def _is_address(text: object) -> bool:
    host, _, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    return bool(host) and port.isdecimal() and 0 < int(port) < 65536
