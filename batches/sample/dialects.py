"""A model's answer in Bedrock's batch output, as each family of models writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PROMPT = "Read this receipt. Answer with one JSON object: amount, type, date, merchant, category, description."


def request(image_key: str) -> dict[str, Any]:
    """`modelInput`: Bedrock repeats the request in its answer."""
    image = {"format": "png", "source": {"s3Location": {"uri": f"s3://nightshelf/{image_key}"}}}
    return {
        "messages": [{"role": "user", "content": [{"image": image}, {"text": PROMPT}]}],
        "inferenceConfig": {"maxTokens": 512, "temperature": 0},
    }


def nova(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": [{"text": text}]}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": {"inputTokens": 812, "outputTokens": 96}}


def anthropic(text: str) -> dict[str, Any]:
    content = [{"type": "text", "text": f"```json\n{text}\n```"}]
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn"}


def titan(text: str) -> dict[str, Any]:
    return {
        "inputTextTokenCount": 812,
        "results": [{"tokenCount": 96, "outputText": text, "completionReason": "FINISH"}],
    }


def llama(text: str) -> dict[str, Any]:
    return {"generation": f"Here is the receipt as JSON:\n\n{text}", "prompt_token_count": 812, "stop_reason": "stop"}


DIALECTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "amazon.nova-lite-v1:0": nova,
    "anthropic.claude-3-5-haiku-20241022-v1:0": anthropic,
    "amazon.titan-text-premier-v1:0": titan,
    "meta.llama3-2-11b-instruct-v1:0": llama,
}
SOURCE_MODEL = "yorutsuke-synthetic"  # the source project's own lines, with nothing of Bedrock around them
