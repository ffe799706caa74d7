"""``/api/settings``: how the server was started, and the user's own prices."""

from __future__ import annotations

import datetime as dt

from litestar import get
from litestar.di import NamedDependency

from ai_viewer.config import Config
from ai_viewer.pricing.entries import Discount, Price
from ai_viewer.pricing.rates import KINDS
from ai_viewer.store.views import OwnDiscount, OwnPrice, Settings


@get("/settings", operation_id="settings", sync_to_thread=False)
def settings(config: NamedDependency[Config]) -> Settings:
    """Show where the store lies, where the server listens, and the user's own prices."""
    return Settings(
        db=str(config.db),
        host=config.host,
        port=config.port,
        prices=[_price(price) for price in config.own_prices],
        discounts=[_discount(discount) for discount in config.discounts],
    )


def _price(price: Price) -> OwnPrice:
    told = {kind: getattr(price, kind) for kind in (*KINDS, "web_search")}
    return OwnPrice(
        provider=price.provider,
        model=price.model,
        tier=price.tier,
        since=_day(price.since),
        until=_day(price.until),
        prices={kind: float(amount) for kind, amount in told.items() if amount is not None},
    )


def _discount(discount: Discount) -> OwnDiscount:
    return OwnDiscount(
        provider=discount.provider,
        model=discount.model,
        since=_day(discount.since),
        until=_day(discount.until),
        percent=float(discount.percent),
    )


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
