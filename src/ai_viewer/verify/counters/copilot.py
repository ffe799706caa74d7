"""Copilot CLI: messages tell the output of their call, and the end of a run the sums of its models.

What a sum holds beyond what was told is one more call a model, and one a model of each sub-agent whose
part is told. Sums may begin anew with each run or go on; the outputs of the messages tell which.

Left out: notices of the program's, which are logs in the store.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from ai_viewer.verify.counters.base import Part, Record, Tokens, count_of, dict_of, json_text, list_of

Sums: TypeAlias = dict[str, Tokens]


class CopilotCounter:
    """Counts an event log; its sub-agents are counted with it."""

    def __init__(self, _path: str) -> None:
        self.part = Part()
        self.parts = {"": self.part}
        self._models: dict[str, str] = {}
        self._messages: dict[str, object] = {}
        """By agent: its latest message, which may come again."""
        self._instructions: dict[str, object] = {}
        """By agent: its system prompt, which comes again with every prompt."""
        self._reasoning: dict[str, str] = {}
        self._agents: dict[str, set[str]] = {}
        """By a sub-agent's tool call: its names."""
        self._told: dict[str, defaultdict[str, Tokens]] = {}
        """By agent and model, since the latest shutdown."""
        self._in_run: defaultdict[str, Tokens] = defaultdict(Tokens)
        """By model, since the latest start of the program."""
        self._before: dict[str, Sums] = {}

    def count(self, record: Record, offset: int) -> None:
        """Take an event."""
        data = dict_of(record.get("data"))
        kind = record.get("type")
        agent = self._agent(record, data)
        match kind:
            case "session.start" | "session.resume":
                self._in_run.clear()
                self._use("", data.get("selectedModel"))
            case "session.model_change":
                self._models.pop(agent, None)
                self._use(agent, data.get("newModel"))
            case "session.auto_mode_resolved":
                self._use(agent, data.get("chosenModel"))
            case "subagent.started":
                call = data.get("toolCallId") or record.get("agentId")
                if isinstance(call, str) and call:
                    self._agents[call] = {call, str(record.get("agentId"))}
                    self._use(call, data.get("model"))
            case "system.message":
                if self._instructions.get(agent) != data.get("content"):
                    self._instructions[agent] = data.get("content")
                    self.part.text(data.get("content"), offset)
            case "user.message" | "system.notification" | "skill.invoked":
                self.part.text(data.get("content"), offset)
            case "assistant.turn_start":
                self._use(agent, data.get("model"))
            case "assistant.reasoning":
                self._thought(agent, data.get("content"), offset)
            case "assistant.message":
                self._answer(agent, data, offset)
            case "tool.user_requested" | "tool.execution_start":
                self._asked(data, offset)
                self._use(agent, data.get("model"))
            case "tool.execution_complete":
                self._done(data, offset)
                self._use(agent, data.get("model"))
            case "session.compaction_complete":
                self._compacted(agent, data, offset)
            case "session.shutdown":
                self._use("", data.get("currentModel"))
                self._close(data, offset)
            case _:
                pass

    def finish(self) -> None:
        """Nothing waits for the end."""

    def _agent(self, record: Record, data: Record) -> str:
        names = {record.get("agentId"), data.get("parentToolCallId")} - {None}
        known = [call for call, others in self._agents.items() if names & others]
        return known[0] if known else str(min(map(str, names), default=""))

    def _use(self, agent: str, model: object) -> None:
        if not isinstance(model, str) or model in ("", "auto"):
            return
        told = self._told.get(agent)
        if agent not in self._models and told and "" in told:
            spoken = told.pop("")
            told[model] += spoken
            rest = _less(self._in_run[""], spoken)
            self._in_run[model] += _less(self._in_run[""], rest)
            self._in_run[""] = rest
        self._models[agent] = model

    def _tell(self, key: object, agent: str, model: str, tokens: Tokens, offset: int) -> None:
        """Note a call, and what it tells that was not told before."""
        before = self.part.calls.get((agent, key), Tokens())
        self.part.call((agent, key), tokens.most(before), offset)
        news = _less(tokens, before)
        told = self._told.setdefault(agent, defaultdict(Tokens))
        told[model] += news
        self._in_run[model] += news

    # --- events ---

    def _answer(self, agent: str, data: Record, offset: int) -> None:
        message = data.get("messageId")
        if message and self._messages.get(agent) == message:
            return
        self._messages[agent] = message
        self._use(agent, data.get("model"))
        if isinstance(data.get("outputTokens"), int | float):
            key = data.get("apiCallId") or message or offset
            tokens = Tokens(output=count_of(data.get("outputTokens")))
            self._tell(key, agent, self._models.get(agent, ""), tokens, offset)
        self._thought(agent, data.get("reasoningText"), offset)
        self.part.text(data.get("content"), offset)
        for request in map(dict_of, list_of(data.get("toolRequests"))):
            self._asked(request, offset)

    def _thought(self, agent: str, text: object, offset: int) -> None:
        if isinstance(text, str) and text and self._reasoning.get(agent) != text:
            self._reasoning[agent] = text
            self.part.text(text, offset)

    def _asked(self, request: Record, offset: int) -> None:
        if self.part.tool(request.get("toolCallId"), offset):
            self.part.text(json_text(request.get("arguments")), offset)

    def _done(self, data: Record, offset: int) -> None:
        self.part.tool(data.get("toolCallId"), offset)
        result = data.get("result")
        shown, detailed = dict_of(result).get("content"), dict_of(result).get("detailedContent")
        self.part.text(result if isinstance(result, str) else shown, offset)
        if detailed != shown:
            self.part.text(detailed, offset)
        self.part.text(dict_of(data.get("error")).get("message"), offset)

    def _compacted(self, agent: str, data: Record, offset: int) -> None:
        self.part.text(data.get("summaryContent"), offset)
        told = dict_of(data.get("compactionTokensUsed"))
        tokens = _tokens(told)
        if tokens != Tokens():
            model = told.get("model") or self._models.get(agent, "")
            self._tell(("compaction", offset), agent, str(model), tokens, offset)

    # --- the end of a run ---

    def _close(self, data: Record, offset: int) -> None:
        sums = _sums(data)
        if not sums:
            return
        earlier = self._before.get("", {})
        shrunk = any(
            _less(tokens, sums.get(model, Tokens())) != Tokens() for model, tokens in earlier.items()
        )
        whole, past, spoken = _all(sums).output, _all(earlier).output, _all(self._in_run).output
        if sums != earlier and (shrunk or (earlier and abs(whole - spoken) < abs(whole - past - spoken))):
            self._before = {}
        used = _since(self._before.get("", {}), sums)
        told = self._everyone()
        # The calls of a run that was killed are told, and are in no sum.
        left = _untold(used, self._in_run if _all(used).output < _all(told).output else told)
        metrics = dict_of(data.get("agentMetrics"))
        for call, names in self._agents.items():
            mine = next((_sums(dict_of(metrics[name])) for name in names if name in metrics), None)
            if not mine:
                continue
            spoken_by = dict(self._told.get(call, {}))
            for model, most in _untold(_since(self._before.get(call, {}), mine), spoken_by).items():
                share = _less(most, _less(most, left.get(model, Tokens())))
                left[model] = _less(left.get(model, Tokens()), share)
                self._rest(call, model, share, offset)
            self._before[call] = mine
        for model, tokens in left.items():
            self._rest("", model, tokens, offset)
        self._before[""] = sums
        self._told.clear()
        self._in_run.clear()

    def _everyone(self) -> Sums:
        told: defaultdict[str, Tokens] = defaultdict(Tokens)
        for models in self._told.values():
            for model, tokens in models.items():
                told[model] += tokens
        return told

    def _rest(self, agent: str, model: str, tokens: Tokens, offset: int) -> None:
        sound = Tokens(
            tokens.input, tokens.output, min(tokens.reasoning, tokens.output), tokens.cache_read,
            tokens.cache_write_5m, tokens.cache_write_1h,
        )  # fmt: skip
        if tokens != Tokens():
            self.part.call(("rest", agent, model, offset), sound, offset)


def _less(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(
        max(0, one.input - other.input),
        max(0, one.output - other.output),
        max(0, one.reasoning - other.reasoning),
        max(0, one.cache_read - other.cache_read),
        max(0, one.cache_write_5m - other.cache_write_5m),
        max(0, one.cache_write_1h - other.cache_write_1h),
    )


def _all(sums: Sums) -> Tokens:
    return sum(sums.values(), Tokens())


def _since(before: Sums, now: Sums) -> Sums:
    return {model: _less(tokens, before.get(model, Tokens())) for model, tokens in now.items()}


def _untold(used: Sums, told: Sums) -> Sums:
    """Take what was told from what was used; of a model that is not known, from those with the most."""
    left = {model: _less(tokens, told.get(model, Tokens())) for model, tokens in used.items()}
    stray = _all({model: tokens for model, tokens in told.items() if model not in used})
    for model in sorted(left, key=lambda name: -left[name].output):
        rest = _less(left[model], stray)
        stray = _less(stray, _less(left[model], rest))
        left[model] = rest
    return left


def _sums(data: Record) -> Sums:
    metrics = dict_of(data.get("modelMetrics"))
    found = {model: _tokens(dict_of(dict_of(one).get("usage"))) for model, one in metrics.items()}
    return {model: tokens for model, tokens in found.items() if tokens != Tokens()}


def _tokens(told: Record) -> Tokens:
    """Cached tokens are part of the input, reasoning is part of the output."""
    read = count_of(told.get("cacheReadTokens", told.get("cachedInput")))
    written = count_of(told.get("cacheWriteTokens"))
    output = count_of(told.get("outputTokens", told.get("output")))
    return Tokens(
        input=max(0, count_of(told.get("inputTokens", told.get("input"))) - read - written),
        output=output,
        reasoning=min(count_of(told.get("reasoningTokens")), output),
        cache_read=read,
        cache_write_5m=written,
    )
