"""What is around a model's answer: one line of a result file → the record it belongs to and the model's text.

Dialects, told apart line by line (facts.md, "Bedrock batch output"):
  Nova, Converse   {"recordId", "modelOutput": {"output": {"message": {"content": [{"text"}]}}, "stopReason"}}
  Anthropic        {"recordId", "modelOutput": {"content": [{"type": "text", "text"}], "stop_reason"}}
  Titan            {"recordId", "modelOutput": {"results": [{"outputText", "completionReason"}]}}
  Llama            {"recordId", "modelOutput": {"generation", "stop_reason"}}
  Yorutsuke        {"customData": image id, "output": {"text"}}
  refused by AWS   {"recordId", "error": {"errorCode", "errorMessage"}}
`modelInput` repeats the request, images included; it is not named here, so the decoder skips over it.
"""

import msgspec

from batches.formats import envelope_errors as wrong
from batches.formats.rejection import RECORD_ID_CHARS, Rejected, Rejection

_CUT_OFF = frozenset({"max_tokens", "length", "LENGTH"})


class Answer(msgspec.Struct, gc=False):
    """The model's text; `cut_off` when the model stopped because it ran out of tokens."""

    record_id: str
    text: str
    cut_off: bool


class _Block(msgspec.Struct, gc=False):
    text: str | None = None
    type: str | None = None


class _Message(msgspec.Struct, gc=False):
    content: list[_Block] | None = None


class _Output(msgspec.Struct, gc=False):
    message: _Message | None = None


class _Result(msgspec.Struct, gc=False, rename="camel"):
    output_text: str | None = None
    completion_reason: str | None = None


class _ModelOutput(msgspec.Struct, gc=False):
    output: _Output | None = None
    content: list[_Block] | None = None
    results: list[_Result] | None = None
    generation: str | None = None
    stop_reason: str | None = None
    converse_stop_reason: str | None = msgspec.field(default=None, name="stopReason")


class _Error(msgspec.Struct, gc=False, rename="camel"):
    error_code: str | int | None = None
    error_message: str | None = None


class _Text(msgspec.Struct, gc=False):
    text: str | None = None


class _Line(msgspec.Struct, gc=False, rename="camel"):
    record_id: str | None = None
    custom_data: str | None = None
    model_output: _ModelOutput | None = None
    output: _Text | None = None
    error: _Error | str | None = None


_decode = msgspec.json.Decoder(_Line).decode


def open_envelope(line: bytes) -> Answer | Rejection:
    """The record's id and the model's text, or why there is none. `line` has no terminator and no BOM."""
    try:
        envelope = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return wrong.undecodable_line(line, error)
    try:
        record_id = _record_id(envelope, line)
    except Rejected as rejected:
        return rejected.rejection()
    try:
        return _answer(envelope, record_id, line)
    except Rejected as rejected:
        return rejected.rejection(record_id)


def _record_id(envelope: _Line, line: bytes) -> str:
    record_id = envelope.record_id
    if record_id is None:
        record_id = envelope.custom_data
        name = "customData"
    else:
        name = "recordId"
        if envelope.custom_data is not None and envelope.custom_data != record_id:
            raise wrong.two_ids(record_id, envelope.custom_data)
    if record_id is None:
        raise wrong.missing_record_id(line)
    # isprintable is the quick way to know there is no control character; the search behind it is exact.
    if not 0 < len(record_id) <= RECORD_ID_CHARS or not record_id.isprintable() or record_id.isspace():
        wrong.check_record_id(record_id, name)
    # The decoder keeps the last of two equal keys. Seeing that there are two is cheap (the first stands near the
    # line's beginning); knowing whether both are the line's is not.
    key = b'"recordId"' if name == "recordId" else b'"customData"'
    if line.find(key) != line.rfind(key):
        wrong.check_single_id(line, name)
    return record_id


def _answer(envelope: _Line, record_id: str, line: bytes) -> Answer:
    if envelope.error is not None:
        raise wrong.model_error(envelope.error)
    output = envelope.model_output
    if output is not None:
        text, stop = _model_text(output)
    else:
        text, stop = (envelope.output.text if envelope.output is not None else None), None
    cut_off = stop in _CUT_OFF
    if text is None:
        raise wrong.unknown_shape(line)
    if not text or text.isspace():
        raise wrong.empty_answer(cut_off)
    return Answer(record_id, text, cut_off)


def _model_text(output: _ModelOutput) -> tuple[str | None, str | None]:
    """(text, reason for stopping) of whichever model answered."""
    if output.output is not None:
        message = output.output.message
        blocks = message.content if message is not None else None
        return _joined(blocks), output.converse_stop_reason
    if output.content is not None:
        return _joined(output.content), output.stop_reason
    if output.results is not None:
        text = "".join(result.output_text or "" for result in output.results)
        return text, output.results[-1].completion_reason if output.results else None
    return output.generation, output.stop_reason


def _joined(blocks: list[_Block] | None) -> str | None:
    if blocks is None:
        return None
    if len(blocks) == 1 and blocks[0].type in (None, "text"):
        return blocks[0].text or ""
    # Thinking, tool use and images are blocks too; only text is the answer.
    return "".join(block.text for block in blocks if block.text and block.type in (None, "text"))
