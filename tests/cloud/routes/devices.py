"""External devices and ports (API document, section 6. デバイス)."""

from collections.abc import Iterable
from enum import IntEnum

from tests.cloud.backend import Backend
from tests.cloud.call import Call
from tests.cloud.refusals import BadRequestError
from tests.cloud.templates import Json, render
from tests.cloud.terms import device_terms, equipment_terms, port_terms
from tests.cloud.world import Device

_DEFAULT_PAGE = 10


class PortAction(IntEnum):
    """What can be done with a port."""

    OFF = 0
    ON = 1
    RESET = 2


async def listing(call: Call) -> Json:
    """外部機器一覧取得: a page of the devices that have external equipment."""
    tenant = call.tenant()
    with call.query() as query:
        page = query.integer("page", 0, 0)
        size = query.integer("size", _DEFAULT_PAGE, 1)
    listed = [device for device in tenant.devices.values() if device.external_devices]
    chosen = listed[page * size : (page + 1) * size]
    return render(
        call.backend.dialect.external_devices,
        {
            "rows": _write_rows(chosen, call.backend),
            "total": len(listed),
            "page": page,
            "size": size,
        },
    )


async def alone(call: Call) -> Json:
    """外部機器単体取得: what one device has behind it."""
    device = call.device()
    call.refuse_query()
    return render(
        call.backend.dialect.external_devices,
        {
            "rows": _write_rows([device], call.backend),
            "total": 1,
            "page": None,
            "size": None,
        },
    )


async def peripherals(call: Call) -> Json:
    """デバイスのポート状態取得: the ports of one device."""
    device = call.device()
    call.refuse_query()
    dialect = call.backend.dialect
    ports: list[Json] = [
        render(dialect.port, port_terms(port)) for port in device.ports.values()
    ]
    return render(
        dialect.peripherals,
        {"device_id": device.id, "ports": ports, "total": len(ports)},
    )


async def operate_port(call: Call) -> Json:
    """デバイスのポート操作: switch a port off or on, or off and on again."""
    port = call.port()
    call.refuse_query()
    async with call.body() as body:
        action = PortAction(body.integer("action", min(PortAction), max(PortAction)))
        timer = body.optional("resetTimer")
        if timer is not None or action is PortAction.RESET:
            timer = body.integer("resetTimer", 1)
    if not port.can_be_switched:
        raise BadRequestError("an input can't be operated")
    after = call.backend.options.port_seconds
    if isinstance(timer, int) and action is PortAction.RESET:
        port.reset(timer, after=after)
    else:
        port.switch(action is PortAction.ON, after=after)
    return {}


def _write_rows(devices: Iterable[Device], backend: Backend) -> list[Json]:
    """Write equipment device by device, or where the dialect says so one by one."""
    dialect = backend.dialect
    rows: list[Json] = []
    for device in devices:
        equipment: list[Json] = [
            render(dialect.equipment, equipment_terms(each, device))
            for each in device.external_devices
        ]
        if dialect.device is None:
            rows += equipment
        else:
            rows.append(render(dialect.device, device_terms(device, equipment)))
    return rows
