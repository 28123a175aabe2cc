"""Codes that were made ahead are as good as codes made when they are asked for."""

import threading

from tui.store.return_codes import CodeStock, hashed, return_code


def test_a_code_is_six_digits_and_kept_as_its_hash() -> None:
    code = return_code()
    assert len(code.digits) == 6
    assert code.digits.isdigit()
    assert code.kept == hashed(code.digits, code.salt)
    assert return_code(code.digits).kept != code.kept


def test_a_stock_gives_each_code_once_and_never_runs_dry() -> None:
    stock = CodeStock()
    filling = threading.Thread(target=stock.make, args=(3,))
    filling.start()
    filling.join()
    assert len(stock) == 3
    taken = [stock.take() for _ in range(4)]
    assert len(stock) == 0
    assert len({code.salt for code in taken}) == 4
