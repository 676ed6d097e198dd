"""Control digits of Russian registration numbers: ИНН, ОГРН and ОГРНИП, СНИЛС."""

#: Numbers up to this one were given without control digits.
_LAST_UNCHECKED_SNILS = 1_001_998
#: Weights of the control digits of ИНН, for the last ten digits that precede each of them.
_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def is_inn(digits: str) -> bool:
    """Whether the control digits of an ИНН are right: one of 10 digits, two of 12."""
    if len(digits) not in {10, 12}:
        return False
    checked = (9,) if len(digits) == 10 else (10, 11)
    return all(
        sum(
            weight * int(digit)
            for weight, digit in zip(_INN_WEIGHTS[-at:], digits[:at], strict=True)
        )
        % 11
        % 10
        == int(digits[at])
        for at in checked
    )


def is_ogrn(digits: str) -> bool:
    """Whether the last digit of an ОГРН (13 digits) or an ОГРНИП (15 digits) is right."""
    divisor = {13: 11, 15: 13}.get(len(digits))
    return divisor is not None and int(digits[:-1]) % divisor % 10 == int(digits[-1])


def is_snils(digits: str) -> bool:
    """Whether the last two of the eleven digits of a СНИЛС are right."""
    if len(digits) != 11:
        return False
    if int(digits[:9]) <= _LAST_UNCHECKED_SNILS:
        return True
    total = sum(weight * int(digit) for weight, digit in zip(range(9, 0, -1), digits, strict=False))
    return total % 101 % 100 == int(digits[9:])
