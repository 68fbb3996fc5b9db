class Parser:
    """One method per line of the grammar; all of them move self.at forward."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        while self.text[self.at:self.at + 1] == " ":
            self.at += 1
        return self.text[self.at:self.at + 1]

    def take(self, signs):
        sign = self.peek()
        if sign and sign in signs:
            self.at += 1
            return sign
        return ""

    def sum(self):
        value = self.product()
        while sign := self.take("+-"):
            right = self.product()
            value = value + right if sign == "+" else value - right
        return value

    def product(self):
        value = self.value()
        while sign := self.take("*/"):
            right = self.value()
            value = value * right if sign == "*" else divide(value, right)
        return value

    def value(self):
        if self.take("-"):
            return -self.value()
        if self.take("("):
            value = self.sum()
            if not self.take(")"):
                raise ValueError("syntax error: a bracket is missing")
            return value
        digits = ""
        self.peek()
        while self.text[self.at:self.at + 1] in set("0123456789"):
            digits += self.text[self.at]
            self.at += 1
        if not digits:
            raise ValueError("syntax error: a value is missing")
        return int(digits)


def divide(a, b):
    if b == 0:
        raise ValueError("division by zero")
    quotient = abs(a) // abs(b)  # // alone rounds down, also below zero
    return quotient if (a < 0) == (b < 0) else -quotient


def calculate(text):
    parser = Parser(text)
    value = parser.sum()
    if parser.peek():
        raise ValueError("syntax error: something is left over")
    return value
