"""Holds turns of a Python library, one at a time, as it is told.

    turns.py LIBRARY URL MESSAGES

Stores MESSAGES messages of 1 KiB, prints "ready VERSION", and for each line on standard input holds one turn: the prompt
and the answer are 1 KiB each, the model is a function, and the history is read from the store. After each turn it prints
its milliseconds, and the bytes that its process read and wrote by system calls, which are the store's where that is a
file. Whoever started it counts what crosses to a server. Where a library fails, it prints "failed" and why, in a line.
"""

import asyncio
import importlib.metadata
import sys
import tempfile
import time

TEXT = "sixteen bytes .." * 64
FILES = tempfile.TemporaryDirectory(prefix="turns-")


async def openai_agents(url, count):
    """Runner.run with a RedisSession that has a time to live, as the library's documentation has it."""
    from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage, set_tracing_disabled
    from agents.extensions.memory import RedisSession
    from openai.types.responses import ResponseOutputMessage, ResponseOutputText

    set_tracing_disabled(True)

    class Echo(Model):
        async def get_response(self, *args, **kwargs):
            text = ResponseOutputText(text=TEXT, type="output_text", annotations=[], logprobs=[])
            message = ResponseOutputMessage(
                id="message", role="assistant", status="completed", type="message", content=[text]
            )
            return ModelResponse(output=[message], usage=Usage(), response_id=None)

        def stream_response(self, *args, **kwargs):
            raise NotImplementedError

    session = RedisSession.from_url("session", url=url, ttl=3600)
    await session.add_items(
        [{"role": "user" if n % 2 == 0 else "assistant", "content": TEXT} for n in range(count)]
    )
    agent = Agent(name="agent", model=Echo())

    async def turn():
        await Runner.run(agent, TEXT, session=session, run_config=RunConfig(tracing_disabled=True))

    return turn


async def langgraph(url, count):
    """A graph of one node over messages, with the checkpointer for a plain Redis."""
    from langchain_core.messages import AIMessage, HumanMessage
    from langgraph.graph import END, START, MessagesState, StateGraph
    from langgraph_checkpoint_plainredis import AsyncRedisSaver

    async def answer(state):
        return {"messages": [AIMessage(TEXT)]}

    graph = StateGraph(MessagesState)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    compiled = graph.compile(checkpointer=AsyncRedisSaver(url=url, ttl=3600))
    config = {"configurable": {"thread_id": "session"}}
    await compiled.aupdate_state(
        config, {"messages": [(HumanMessage if n % 2 == 0 else AIMessage)(TEXT) for n in range(count)]}
    )

    async def turn():
        await compiled.ainvoke({"messages": [HumanMessage(TEXT)]}, config)

    return turn


async def google_adk(url, count):
    """Runner.run_async with the DatabaseSessionService, on SQLite: the library has no session service for Redis."""
    from google.adk.agents import LlmAgent
    from google.adk.events import Event
    from google.adk.models import BaseLlm, LlmResponse
    from google.adk.runners import Runner
    from google.adk.sessions import DatabaseSessionService
    from google.genai import types

    def content(role):
        return types.Content(role=role, parts=[types.Part(text=TEXT)])

    class Echo(BaseLlm):
        async def generate_content_async(self, llm_request, stream=False):
            yield LlmResponse(content=content("model"))

    sessions = DatabaseSessionService(db_url=f"sqlite+aiosqlite:///{FILES.name}/sessions.db")
    session = await sessions.create_session(app_name="turns", user_id="user", session_id="session")
    for n in range(count):
        author, role = ("user", "user") if n % 2 == 0 else ("agent", "model")
        await sessions.append_event(session, Event(author=author, invocation_id=f"{n // 2}", content=content(role)))
    agent = LlmAgent(name="agent", model=Echo(model="echo"))
    runner = Runner(app_name="turns", agent=agent, session_service=sessions)

    async def turn():
        async for _ in runner.run_async(user_id="user", session_id="session", new_message=content("user")):
            pass

    return turn


async def strands(url, count):
    """An agent for each turn, which restores its session by a FileSessionManager: there is none for Redis."""
    from strands import Agent
    from strands.agent.conversation_manager import NullConversationManager
    from strands.models import Model
    from strands.session.file_session_manager import FileSessionManager

    class Echo(Model):
        def update_config(self, **config):
            pass

        def get_config(self):
            return {}

        async def structured_output(self, *args, **kwargs):
            raise NotImplementedError

        async def stream(self, messages, *args, **kwargs):
            yield {"messageStart": {"role": "assistant"}}
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": TEXT}}}
            yield {"contentBlockStop": {}}
            yield {"messageStop": {"stopReason": "end_turn"}}

    def agent():
        sessions = FileSessionManager(session_id="session", storage_dir=FILES.name)
        return Agent(
            model=Echo(),
            agent_id="agent",
            session_manager=sessions,
            callback_handler=None,
            conversation_manager=NullConversationManager(),
        )

    first = agent()
    for n in range(count):
        message = {"role": "user" if n % 2 == 0 else "assistant", "content": [{"text": TEXT}]}
        first.messages.append(message)
        first._session_manager.append_message(message, first)

    async def turn():
        restored = agent()
        if len(restored.messages) < count:
            raise RuntimeError(f"{len(restored.messages)} messages were restored, of {count}")
        await restored.invoke_async(TEXT)

    return turn


async def agent_framework(url, count):
    """Agent.run with the RedisHistoryProvider."""
    from agent_framework import Agent, BaseChatClient, ChatResponse, Message
    from agent_framework.redis import RedisHistoryProvider

    seen = []

    class Echo(BaseChatClient):
        def _inner_get_response(self, *, messages, stream, options, **kwargs):
            seen.append(len(messages))

            async def answer():
                return ChatResponse(messages=[Message(role="assistant", contents=[TEXT])], response_id="response")

            return answer()

    history = RedisHistoryProvider(redis_url=url, application_id="turns")
    agent = Agent(client=Echo(), name="agent", context_providers=[history])
    session = agent.create_session(session_id="session")
    await history.save_messages(
        "session",
        [Message(role="user" if n % 2 == 0 else "assistant", contents=[TEXT]) for n in range(count)],
    )

    async def turn():
        await agent.run(TEXT, session=session)
        if seen[-1] <= count:
            raise RuntimeError(f"the model saw {seen[-1]} messages, of {count} and the prompt")

    return turn


LIBRARIES = {
    "openai-agents": openai_agents,
    "langgraph-checkpoint-plainredis": langgraph,
    "google-adk": google_adk,
    "strands-agents": strands,
    "agent-framework-core": agent_framework,
}


def crossed():
    """The bytes that this process read and wrote by system calls."""
    with open("/proc/self/io") as file:
        counts = dict(line.split(": ") for line in file.read().splitlines())
    return int(counts["rchar"]) + int(counts["wchar"])


async def main():
    library, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    turn = await LIBRARIES[library](url, count)
    print("ready", importlib.metadata.version(library), flush=True)
    # Standard input is read on this thread: nothing runs between turns.
    while sys.stdin.readline():
        before, start = crossed(), time.perf_counter()
        await turn()
        taken = (time.perf_counter() - start) * 1e3
        print(taken, crossed() - before, flush=True)


try:
    asyncio.run(main())
except Exception as error:
    print("failed", f"{type(error).__name__}: {error}".splitlines()[0], flush=True)
    sys.exit(1)
finally:
    FILES.cleanup()
    # Threads that a library left running are not waited for.
    sys.stdout.flush()
