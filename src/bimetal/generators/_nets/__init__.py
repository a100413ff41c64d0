"""What small networks that learn tables share: rows as numbers and back, layers, training by Adam."""
