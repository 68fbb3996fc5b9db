name = gets.chomp
stop = gets.to_i
minutes = gets.to_i

at = case minutes
     when 0 then "now"
     when 1 then "in 1 minute"
     else "in #{minutes} minutes"
     end

puts "Good morning, #{name}!"
puts "Your train leaves #{at} from coach stop #{stop}."
