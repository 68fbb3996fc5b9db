fn longest_rain(rain: Vec<i32>) -> i32 {
    // Cut the diary at each dry day: what remains are the streaks.
    let streaks = rain.split(|&mm| mm <= 0);
    streaks.map(|days| days.len() as i32).max().unwrap_or(0)
}
