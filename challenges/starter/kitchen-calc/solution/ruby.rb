# One method per line of the grammar; all of them consume the list of tokens.
class Parser
  def initialize(text)
    @tokens = text.scan(/[0-9]+|[^ ]/)
  end

  def take(*signs) = signs.include?(@tokens.first) ? @tokens.shift : nil

  def done? = @tokens.empty?

  def sum
    left = product
    while (sign = take("+", "-"))
      right = product
      left = sign == "+" ? left + right : left - right
    end
    left
  end

  def product
    left = value
    while (sign = take("*", "/"))
      right = value
      left = sign == "*" ? left * right : divide(left, right)
    end
    left
  end

  def value
    return -value if take("-")

    if take("(")
      inner = sum
      take(")") or raise "syntax error: a bracket is missing"
      return inner
    end
    digits = @tokens.shift
    raise "syntax error: a value is missing" unless digits&.match?(/\A[0-9]+\z/)

    digits.to_i
  end

  def divide(left, right)
    raise "division by zero" if right.zero?

    quotient = left.abs / right.abs # / alone rounds down, also below zero
    left.negative? == right.negative? ? quotient : -quotient
  end
end

def calculate(text)
  parser = Parser.new(text)
  result = parser.sum
  raise "syntax error: something is left over" unless parser.done?

  result
end
