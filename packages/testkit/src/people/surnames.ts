/** Surnames, most frequent first; a mixed Dutch and American town. */
export const surnames: readonly string[] =
  `De Jong, Smith, Jansen, Johnson, De Vries, Williams, Van den Berg, Brown, Van Dijk, Bakker,
Jones, Visser, Garcia, Smit, Miller, Meijer, Davis, De Boer, Mulder, Rodriguez, De Groot, Martinez, Bos, Vos, Hernandez, Peters, Lopez,
Hendriks, Van Leeuwen, Gonzalez, Dekker, Wilson, Brouwer, Anderson, De Wit, Thomas, Dijkstra, Taylor, Smits, Moore, De Graaf,
Jackson, Van der Meer, Martin, Van der Linden, Lee, Kok, Perez, Jacobs, Thompson, De Haan, White, Vermeulen, Harris, Van den Heuvel,
Sanchez, Van der Veen, Clark, Van den Broek, Ramirez, De Bruijn, Lewis, De Bruin, Robinson, Van der Heijden, Walker, Schouten, Young,
Van Beek, Allen, Willems, King, Van Vliet, Wright, Van de Ven, Scott, Hoekstra, Torres, Maas, Nguyen, Verhoeven, Hill, Koster, Flores,
Van Dam, Green, Van der Wal, Adams, Prins, Nelson, Blom, Baker, Huisman, Hall, Peeters, Rivera, De Jonge, Campbell, Kuipers, Mitchell,
Van Veen, Carter, Kuiper, Roberts, Van Dongen, Gomez, Post, Phillips, Veenstra, Evans, Kramer, Turner, Van Wijk, Diaz, Postma, Parker,
Van den Bosch, Cruz, Martens, Edwards, Scholten, Collins, Timmermans, Reyes, Groen, Stewart, Gerritsen, Morris, Van Loon, Morales,
Van der Velden, Murphy, Bosch, Cook, Kuijpers, Rogers, Bosman, Gutierrez, De Lange, Ortiz, Sanders, Morgan, Van de Velde, Cooper,
Hermans, Peterson, Van Rijn, Bailey, De Koning, Reed, Verbeek, Kelly, Wolters, Howard, Van der Laan, Ramos, Hofman, Kim, Boer, Cox,
Schipper, Ward, Zijlstra, Richardson, Molenaar, Watson, Van Doorn, Brooks, Hoogland, Chavez, Van Es, Wood, Evers, James, Jonker,
Bennett, Van den Brink, Gray, Janssen, Mendoza, Driessen, Ruiz, Van 't Hof, Hughes, Van 't Veer, Price, In 't Veld, Alvarez, Op den Kamp,
Castillo, Ten Brink, Sanders, Ter Horst, Patel, Van Oosten, Myers, Mohammed, Long, Yilmaz, Ross, Kaya, Foster, Demir, Jimenez, El Amrani,
Powell, Bouzidi, Jenkins, Özdemir, Perry, Çelik, Russell, Şahin, Sullivan, O'Brien, Bell, O'Connor, Coleman, O'Neill, Butler, D'Souza,
Henderson, D'Angelo, Barnes, Müller, Fisher, Schröder, Vasquez, Núñez, Simmons, Muñoz, Romero, Peña, Jordan, Ibáñez, Patterson, Sørensen,
Alexander, Lindström, Hamilton, Håkansson, Graham, Dvořák, Reynolds, Nowak, Griffin, Kovács, Wallace, Crête, Moreno, Lefèvre, West,
Françoise, Cole, Smith-Jones, Hayes, Jansen-de Vries, Bryant, Garcia-Lopez, Herrera, Van der Meer-Bakker, Gibson, McDonald, Ellis,
MacArthur, Tran, St. John, Medina, Fitzgerald, Aguilar, Null, Stevens, Wu, Murray, Li, Ford, Ng, Castro, Singh, Marshall, Kumar, Owens,
Kowalski, Harrison, Van der Zwaag, Fernandez, Terpstra, McDaniel, Wiersma, Woods, Bouwman, Washington, Kooistra, Kennedy, Rietveld,
Wells, Vink, Vargas, Boersma, Henry, Slagter, Chen, Spaans, Freeman, Zwart, Webb, Koppelman, Tucker, Van Gogh, Guzman, Winter, Burns,
Van Houten, Crawford, Uittenbogaard, Olson, Schuurman, Simpson, Noordhoek, Porter, Ouwehand, Hunter, Quist, Gordon, Pronk`
    .split(/\s*,\s*/)
    .filter((name, i, all) => all.indexOf(name) === i);
