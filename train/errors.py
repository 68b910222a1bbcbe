"""What training refuses.

TrainingError
├── BadRecords   the rows or recordings cannot be trained on
├── BadCluster   the workers cannot train together
└── WorkerLost   another worker is gone, and with it the training
"""


class TrainingError(Exception):
    """Nothing was trained; the message says in one sentence why, and what was expected."""

    exit_code = 2


class BadRecords(TrainingError):
    """The rows or recordings cannot be trained on."""


class BadCluster(TrainingError):
    """TF_CONFIG cannot be used, or the workers were started differently."""


class WorkerLost(TrainingError):
    """Another worker of the cluster cannot be reached."""

    exit_code = 1
