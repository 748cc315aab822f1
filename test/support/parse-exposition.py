"""Reads pages with the parsers of Debian's python3-prometheus-client.

Each line of standard input is a list of requests, and each of standard output that of their answers, both JSON:
{"format": "text" or "openmetrics", "page": base64} gives {"families": [...]} or {"error": "..."}.
"""

import base64
import json
import sys

from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser  # noqa: F401, loads the module named above

PARSERS = {
    "text": parser.text_string_to_metric_families,
    "openmetrics": openmetrics.parser.text_string_to_metric_families,
}


def number(value):
    """JSON has no infinities; a whole number stays one however long it is."""
    return repr(float(value))


def exemplar(given):
    if given is None:
        return {}
    return {
        "exemplar": {
            "labels": sorted(given.labels.items()),
            "value": number(given.value),
            "timestamp": number(given.timestamp),
        }
    }


def families(request):
    # Strict: a page that is not UTF-8 is an error.
    page = base64.b64decode(request["page"]).decode("utf-8", "strict")
    return {
        "families": [
            {
                "name": family.name,
                "type": family.type,
                "help": family.documentation,
                "unit": family.unit,
                "samples": [
                    {
                        "name": sample.name,
                        "labels": sorted(sample.labels.items()),
                        "value": number(sample.value),
                        **exemplar(sample.exemplar),
                    }
                    for sample in family.samples
                ],
            }
            for family in PARSERS[request["format"]](page)
        ]
    }


def answer(request):
    try:
        return families(request)
    except Exception as error:  # Whatever a parser says of a page is the answer.
        return {"error": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps([answer(request) for request in json.loads(line)]), flush=True)
