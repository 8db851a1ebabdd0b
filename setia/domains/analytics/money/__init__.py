"""What customers cost and bring: spend, acquisition cost by source, concentration, loyal against new."""
