def calculate(text: str) -> int:
    # So far it understands nothing but a single number.
    digits = text.strip(" ")
    if not digits.isdecimal():
        raise ValueError("syntax error")
    return int(digits)
