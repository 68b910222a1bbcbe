"""`GET /metrics`: what was counted, as Prometheus reads it."""

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from server.observability.counters import GATHERED_ROWS, SECONDS, Counts, Totals
from server.serving.annotator_service import Annotating
from server.serving.classifier_service import Service
from server.serving.hot_reload import Current


async def metrics(request: Request) -> Response:
    """`GET /metrics`: of all processes of this server; memory, processor time and files of the one that answers."""
    registry = CollectorRegistry()
    registry.register(Told(request.state.counts, request.state.current, request.state.beats))
    ProcessCollector(registry=registry)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"Content-Type": media_type})


class Told(Collector):
    """The numbers with their names, meanings and labels."""

    def __init__(self, counts: Counts, current: Current[Service], beats: Current[Annotating]) -> None:
        self._counts = counts
        self._current = current
        self._beats = beats

    def collect(self) -> Iterator[Metric]:
        """All of them, as they are now."""
        totals = self._counts.totals()
        yield from self._requests(totals)
        yield from self._network(totals)
        yield from self._model(totals)
        yield from self._annotation(totals)

    def _requests(self, totals: Totals) -> Iterator[Metric]:
        requests = CounterMetricFamily("ecg_requests", "Requests answered", labels=["path", "status"])
        seconds = HistogramMetricFamily(
            "ecg_request_seconds",
            "From a request's head (of a row alone, from its last byte) to its answer; rows that share a run share its time",
            labels=["path"],
        )
        for path, statuses in totals.statuses.items():
            for status, number in statuses.items():
                if number:
                    requests.add_metric([path, str(status)], number)
            if any(statuses.values()):
                seconds.add_metric([path], *_histogram(SECONDS, totals.latency[path]))
        refused = CounterMetricFamily("ecg_refused", "Requests refused, by reason", labels=["reason"])
        for reason, number in totals.refused.items():
            refused.add_metric([reason], number)
        yield from (requests, seconds, refused)

    def _network(self, totals: Totals) -> Iterator[Metric]:
        yield CounterMetricFamily("ecg_rows", "Rows that the network answered", totals.rows)
        yield SummaryMetricFamily("ecg_inference_seconds", "Runs of the network", totals.runs, totals.inference_seconds)
        buckets, sum_value = _histogram(GATHERED_ROWS, totals.gathered)
        yield HistogramMetricFamily("ecg_gathered_rows", "Rows that came alone and shared a run", buckets, sum_value)

    def _model(self, totals: Totals) -> Iterator[Metric]:
        yield GaugeMetricFamily("ecg_ready", "Whether a request would be answered", self._current.is_ready)
        yield _artifacts("ecg_artifacts", "Artifacts found, taken up or refused", totals.artifacts)
        if service := self._current.service:
            yield InfoMetricFamily("ecg_model", "The model that answers", {"version": service.model.contract.version})
            yield GaugeMetricFamily("ecg_model_loaded_timestamp_seconds", "Since when it does", service.since)

    def _annotation(self, totals: Totals) -> Iterator[Metric]:
        yield CounterMetricFamily("ecg_signal_seconds", "Seconds of recordings that were annotated", totals.signal_s)
        yield CounterMetricFamily("ecg_beats", "Beats that were found in them", totals.beats)
        runs = (totals.annotations, totals.annotation_seconds)
        yield SummaryMetricFamily("ecg_annotation_seconds", "Runs of the network over a piece of a recording", *runs)
        yield _artifacts("ecg_beats_artifacts", "The same as ecg_artifacts, of those that annotate", totals.beats_artifacts)
        if service := self._beats.service:
            yield InfoMetricFamily("ecg_beats_model", "The model that annotates", {"version": service.model.contract.version})
            yield GaugeMetricFamily("ecg_beats_model_loaded_timestamp_seconds", "Since when it does", service.since)


def _artifacts(name: str, meaning: str, results: Mapping[str, float]) -> Metric:
    artifacts = CounterMetricFamily(name, meaning, labels=["result"])
    for result, number in results.items():
        artifacts.add_metric([result], number)
    return artifacts


def _histogram(limits: Sequence[float], cells: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
    """Cumulative buckets and sum, from the cells of a histogram: one a limit, one for what is over, the sum."""
    total, buckets = 0.0, []
    for limit, number in zip((*map(float, limits), float("inf")), cells, strict=False):
        total += number
        buckets.append(("+Inf" if limit == float("inf") else str(limit), total))
    return buckets, cells[-1]
