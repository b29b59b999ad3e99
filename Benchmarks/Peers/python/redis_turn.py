"""Holds turns of a Python library whose sessions lie in Redis, one at a time, as it is told.

    redis_turn.py LIBRARY URL MESSAGES

Stores MESSAGES messages of 1 KiB, prints "ready VERSION", and for each line on standard input holds one turn: the prompt
and the answer are 1 KiB each, the model is a function. After each turn it prints its milliseconds. Whoever started it
counts what crosses to the server.
"""

import asyncio
import importlib.metadata
import sys
import time

TEXT = "sixteen bytes .." * 64


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


LIBRARIES = {
    "openai-agents": openai_agents,
    "langgraph-checkpoint-plainredis": langgraph,
}


async def main():
    library, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    turn = await LIBRARIES[library](url, count)
    print("ready", importlib.metadata.version(library), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        start = time.perf_counter()
        await turn()
        print((time.perf_counter() - start) * 1e3, flush=True)


asyncio.run(main())
