"""The Redis of this machine, which tests share."""

from redis.asyncio import Redis

REDIS_URL = "redis://127.0.0.1:6379/0"


async def delete_bot_keys(token: str) -> None:
    """Deletes what the bot with this token left; other bots' keys stay."""
    async with Redis.from_url(REDIS_URL) as redis:
        async for key in redis.scan_iter(f"fsm:{token.partition(':')[0]}:*"):
            await redis.delete(key)
