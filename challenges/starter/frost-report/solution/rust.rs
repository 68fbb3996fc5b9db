fn frost_average(readings: Vec<f64>) -> Option<f64> {
    let frosts: Vec<f64> = readings.into_iter().filter(|&t| t < 0.0).collect();
    if frosts.is_empty() {
        return None;
    }
    Some(frosts.iter().sum::<f64>() / frosts.len() as f64)
}
