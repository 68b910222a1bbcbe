"""Settings from the environment."""

import os

import pytest

from server.settings import BadSetting, Settings, from_environment, table


def test_nothing_set_means_the_defaults() -> None:
    """Variables of others are left alone."""
    assert from_environment({"PATH": "/bin", "ECG_DATA": "my.csv"}) == Settings()
    assert Settings().port == 5000


def test_every_setting_can_be_set() -> None:
    """By its variable."""
    environment = {
        "ECG_ARTIFACT": "a.onnx",
        "ECG_BEATS": "b.onnx",
        "ECG_HOST": "0.0.0.0",
        "ECG_PORT": "80",
        "ECG_LOG_LEVEL": "debug",
        "ECG_MAX_BODY_BYTES": "2048",
        "ECG_MAX_RECORDING_BYTES": "4096",
        "ECG_REQUEST_SECONDS": "3",
        "ECG_LOG_FORMAT": "text",
        "ECG_API_KEYS_FILE": "keys",
        "ECG_TLS_CERTIFICATE": "cert.pem",
        "ECG_TLS_KEY": "key.pem",
        "ECG_CORS_ORIGINS": "https://a.example, https://b.example",
        "ECG_ORT_WEB_DIR": "dist",
        "ECG_KEEP_ALIVE_SECONDS": "60",
        "ECG_ROOT_PATH": "/ecg/",
        "ECG_FAST_PATH": "off",
        "ECG_MAX_WAIT_MS": "50",
        "ECG_HEALTH_ROUTE": "/up",
        "ECG_PREDICT_ROUTE": "/v1/endpoints/7:predict",
    }

    settings = from_environment(environment)

    origins = "https://a.example, https://b.example"
    routes = ("/up", "/v1/endpoints/7:predict")
    paths = ("keys", "cert.pem", "key.pem", origins, "dist")
    numbers = (2048, 4096, 3)
    assert settings == Settings(
        "a.onnx", "b.onnx", "0.0.0.0", 80, "debug", *numbers, "text", *paths, 60, "/ecg/", "off", 50, *routes
    )
    assert settings.prefix == "/ecg"
    assert not settings.uses_fast_path
    assert settings.origins == ["https://a.example", "https://b.example"]
    assert [name for name, _, _ in table()] == list(environment)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ECG_PORT", "http", "1 to 65535"),
        ("ECG_PORT", "0", "1 to 65535"),
        ("ECG_PORT", "tcp://10.0.0.1:5000", "1 to 65535"),
        ("ECG_LOG_LEVEL", "loud", "critical, error, warning, info or debug"),
        ("ECG_MAX_BODY_BYTES", "-1", "1024 to 1073741824"),
        ("ECG_REQUEST_SECONDS", "0", "1 to 3600"),
        ("ECG_KEEP_ALIVE_SECONDS", "0", "1 to 3600"),
        ("ECG_ROOT_PATH", "ecg", "a path such as /ecg"),
        ("ECG_ROOT_PATH", "//ecg", "a path such as /ecg"),
        ("ECG_ROOT_PATH", "/ecg/..", "a path such as /ecg"),
        ("ECG_ROOT_PATH", "https://clinic.example/ecg", "a path such as /ecg"),
        ("ECG_ROOT_PATH", "/ecg\n", "a path such as /ecg"),
        ("ECG_FAST_PATH", "no", "on or off"),
        ("ECG_ARTIFACT", "", "a path"),
        ("ECG_HOST", "", "an address"),
    ],
)
def test_a_wrong_one_is_refused_by_name(name, value, expected) -> None:
    """With what it may hold."""
    with pytest.raises(BadSetting) as error:
        from_environment({name: value})

    assert str(error.value) == f"{name} is not usable, expected {expected}"


def test_the_command_refuses_it_too(command) -> None:
    """One sentence, exit code 2."""
    done = command("server", env={**os.environ, "ECG_PORT": "http"})

    assert (done.returncode, done.stderr) == (2, "server: ECG_PORT is not usable, expected 1 to 65535\n")


def test_help_lists_every_setting(command) -> None:
    """With default and meaning."""
    done = command("server", "--help")

    for name, default, meaning in table():
        assert f"{name} " in done.stdout
        assert f"{meaning}, default {default}" in done.stdout
