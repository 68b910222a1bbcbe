"""`GET /metrics`: the counters and the state of the models, in the text formats of Prometheus."""

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

from server.observability.counters import (
    BATCH_BUCKETS,
    DELAY_BUCKETS_S,
    LATENCY_BUCKETS_S,
    PROBABILITY_BUCKETS,
    Counters,
    Totals,
)
from server.serving.annotator_service import AnnotatorService
from server.serving.classifier_service import ClassifierService
from server.serving.graceful_shutdown import GracefulShutdown
from server.serving.hot_reload import HotReload


async def metrics(request: Request) -> Response:
    """`GET /metrics`: counters of all worker processes; memory, processor time and open files of the one that answers."""
    registry = CollectorRegistry()
    state = request.state
    registry.register(ServerCollector(state.counters, state.classifier, state.annotator, state.shutdown))
    ProcessCollector(registry=registry)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"Content-Type": media_type})


class ServerCollector(Collector):
    """All metrics of the server but those of the process."""

    def __init__(
        self,
        counters: Counters,
        classifier: HotReload[ClassifierService],
        annotator: HotReload[AnnotatorService],
        shutdown: GracefulShutdown,
    ) -> None:
        self._counters = counters
        self._classifier = classifier
        self._annotator = annotator
        self._shutdown = shutdown

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        totals = self._counters.totals()
        yield from self._requests(totals)
        yield from self._network(totals)
        yield from self._predictions(totals)
        yield from self._model(totals)
        yield from self._annotation(totals)
        yield from self._streams(totals)

    def _requests(self, totals: Totals) -> Iterator[Metric]:
        requests = CounterMetricFamily("ecg_requests", "Requests answered", labels=["path", "status"])
        seconds = HistogramMetricFamily(
            "ecg_request_seconds",
            "From the end of a request's head to its response; for the fast path, from the start of the micro-batch",
            labels=["path"],
        )
        for path, statuses in totals.statuses.items():
            for status, number in statuses.items():
                if number:
                    requests.add_metric([path, str(status)], number)
            if any(statuses.values()):
                seconds.add_metric([path], *_histogram(LATENCY_BUCKETS_S, totals.latency[path]))
        refused = CounterMetricFamily("ecg_refused", "Requests refused, by reason", labels=["reason"])
        for reason, number in totals.refused.items():
            refused.add_metric([reason], number)
        yield from (requests, seconds, refused)

    def _network(self, totals: Totals) -> Iterator[Metric]:
        yield CounterMetricFamily("ecg_rows", "Rows classified", totals.rows)
        yield SummaryMetricFamily("ecg_inference_seconds", "Runs of the classifier", totals.runs, totals.inference_seconds)
        buckets, sum_value = _histogram(BATCH_BUCKETS, totals.batches)
        yield HistogramMetricFamily("ecg_gathered_rows", "Rows per micro-batch", buckets, sum_value)

    def _predictions(self, totals: Totals) -> Iterator[Metric]:
        meaning = "Predictions by class, as a response numbers it, and by the probability of that class"
        probability = HistogramMetricFamily("ecg_prediction_probability", meaning, labels=["predicted_class"])
        for number, cells in enumerate(totals.predictions):
            if any(cells):
                probability.add_metric([str(number)], *_histogram(PROBABILITY_BUCKETS, cells))
        yield probability
        if (service := self._classifier.service) and service.model.contract.scaling:
            yield CounterMetricFamily(
                "ecg_features_compared", "Features compared with those trained on", totals.compared_features
            )
            meaning = "Those of them that lie further than six standard deviations from the mean"
            yield CounterMetricFamily("ecg_features_far", meaning, totals.far_features)

    def _model(self, totals: Totals) -> Iterator[Metric]:
        is_ready = self._classifier.service is not None and not self._shutdown.has_begun
        yield GaugeMetricFamily("ecg_ready", "Whether a request would be answered", is_ready)
        yield _artifacts("ecg_artifacts", "Classifier files found, loaded (taken_up) or refused", totals.artifacts)
        if service := self._classifier.service:
            yield InfoMetricFamily("ecg_model", "The classifier that is loaded", {"version": service.model.contract.version})
            yield GaugeMetricFamily("ecg_model_loaded_timestamp_seconds", "When it was loaded", service.loaded_at)

    def _annotation(self, totals: Totals) -> Iterator[Metric]:
        yield CounterMetricFamily("ecg_signal_seconds", "Seconds of signal annotated", totals.signal_s)
        yield CounterMetricFamily("ecg_beats", "Beats found", totals.beats)
        yield CounterMetricFamily("ecg_unreadable_seconds", "Seconds of recordings that cannot be read", totals.unreadable_s)
        yield CounterMetricFamily("ecg_af_seconds", "Seconds in episodes of atrial fibrillation or flutter", totals.af_s)
        beats = CounterMetricFamily("ecg_class_beats", "Beats of recordings by class", labels=["class"])
        names = self._annotator.service.model.contract.classes if self._annotator.service else ()
        for name, number in zip(names, totals.class_beats, strict=False):
            beats.add_metric([name], number)
        yield beats
        runs = (totals.annotations, totals.annotation_seconds)
        yield SummaryMetricFamily("ecg_annotation_seconds", "Runs of the annotator, one per piece of a recording", *runs)
        yield _artifacts("ecg_beats_artifacts", "Annotator files found, loaded (taken_up) or refused", totals.beats_artifacts)
        if service := self._annotator.service:
            yield InfoMetricFamily("ecg_beats_model", "The annotator that is loaded", {"version": service.model.contract.version})
            yield GaugeMetricFamily("ecg_beats_model_loaded_timestamp_seconds", "When it was loaded", service.loaded_at)

    def _streams(self, totals: Totals) -> Iterator[Metric]:
        yield GaugeMetricFamily("ecg_open_streams", "Live streams that are open", totals.open_streams)
        meaning = "From the arrival of an R peak to the message of its stream that first says it"
        buckets, sum_value = _histogram(DELAY_BUCKETS_S, totals.delays)
        yield HistogramMetricFamily("ecg_stream_delay_seconds", meaning, buckets, sum_value)


def _artifacts(name: str, meaning: str, results: Mapping[str, float]) -> Metric:
    artifacts = CounterMetricFamily(name, meaning, labels=["result"])
    for result, number in results.items():
        artifacts.add_metric([result], number)
    return artifacts


def _histogram(limits: Sequence[float], cells: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
    """Cumulative buckets and the sum, from the cells of a histogram: one per limit, one for what is over, the sum."""
    total, buckets = 0.0, []
    for limit, number in zip((*map(float, limits), float("inf")), cells, strict=False):
        total += number
        buckets.append(("+Inf" if limit == float("inf") else str(limit), total))
    return buckets, cells[-1]
